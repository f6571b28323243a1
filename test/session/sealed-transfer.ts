import { SeededPrng } from '../../src/base/prng.ts';
import { createSha256 } from '../../src/crypto/digest.ts';
import { HmacCookies } from '../../src/crypto/hmac-cookies.ts';
import { type SessionConfig, sessionConfig } from '../../src/session/config.ts';
import type { AcceptorAgreement, InitiatorAgreement } from '../../src/session/key-agreement.ts';
import { memoryEntry } from '../../src/transfer/memory-source.ts';
import { MemoryStore } from '../../src/transfer/memory-store.ts';
import { Receiver } from '../../src/transfer/receiver.ts';
import { Sender } from '../../src/transfer/sender.ts';
import { CALLED, CALLER } from './called.ts';
import { Network } from './network.ts';

/** A whole transfer of one file in virtual time, with the cookies of real receivers. */
export class SealedTransfer extends Network {
  readonly sender: Sender;
  readonly receiver: Receiver;
  readonly store = new MemoryStore(createSha256);
  /** Transfers that began at the receiver. */
  begun = 0;

  constructor(
    initiator: InitiatorAgreement,
    acceptor: AcceptorAgreement,
    content: Uint8Array,
    config: Partial<SessionConfig> = {},
  ) {
    super();
    const entries = [memoryEntry('file', content, createSha256)];
    const full = sessionConfig(config);
    this.sender = new Sender(0, entries, full, new SeededPrng(1, 'sender'), CALLED, initiator, () => {});
    this.receiver = new Receiver(
      this.store,
      full,
      new SeededPrng(1, 'receiver'),
      new HmacCookies(),
      acceptor,
      () => {},
    );
    this.join(CALLER, this.sender.endpoint, () => this.sender.step(this.now));
    this.join(CALLED, this.receiver.endpoint, () => {
      this.receiver.step(this.now);
      for (let event = this.receiver.pollEvent(); event !== undefined; event = this.receiver.pollEvent()) {
        if (event.kind === 'started') this.begun++;
      }
    });
  }

  get sessionCount(): number {
    return this.receiver.endpoint.sessionCount;
  }

  /** Until both are done with it, and the receiver has forgotten it. */
  finish(): this {
    this.runUntil(() => this.sender.isDone && this.sessionCount === 0, 60_000);
    return this;
  }
}
