import type { Bytes } from '../../src/base/units.ts';
import type { Session } from '../../src/session/session.ts';
import type { LogEvent } from '../../src/sim/event-log.ts';
import type { Simulation } from '../../src/sim/simulation.ts';
import type { Receiver } from '../../src/transfer/receiver.ts';
import type { Sender } from '../../src/transfer/sender.ts';
import { decodePacket } from '../../src/wire/packet.ts';
import { demand, SideInvariants } from './side-invariants.ts';

/** Watches one simulated transfer: what must hold at every datagram and after every event. Throws where it does not. */
export class Invariants {
  readonly #simulation: Simulation;
  readonly #sender: Sender;
  readonly #receiver: Receiver;
  readonly #sending = new SideInvariants('the sender');
  readonly #receiving = new SideInvariants('the receiver');
  #incoming: Session | undefined;
  /** Bytes of HELLOs that reached the receiver, and what it answered to them. */
  #helloBytes: Bytes = 0;
  #replyBytes: Bytes = 0;
  #helloLength: Bytes = 0;

  constructor(simulation: Simulation, sender: Sender, receiver: Receiver) {
    this.#simulation = simulation;
    this.#sender = sender;
    this.#receiver = receiver;
    simulation.onDatagram = (event, _from, to, datagram) =>
      this.#onDatagram(event, to.startsWith('receiver'), datagram);
  }

  /** Packet numbers that no packet had: their ACK would have ended the session. */
  get skippedNumbers(): number {
    return this.#sending.skippedNumbers + this.#receiving.skippedNumbers;
  }

  /** After every event, when every host has had its turn. */
  check(): void {
    this.#incoming ??= this.#receiver.incoming[0]?.session;
    for (const { endpoint } of [this.#sender, this.#receiver]) {
      const deadline = endpoint.pollTimeout();
      if (deadline === undefined) continue;
      demand(Number.isFinite(deadline), 'a deadline is finite', deadline);
      demand(deadline > this.#simulation.now, 'a deadline lies ahead after a turn', deadline, this.#simulation.now);
    }
    if (this.#sender.session !== undefined) this.#sending.checkMemory(this.#sender.session);
    if (this.#incoming !== undefined) this.#receiving.checkMemory(this.#incoming);
  }

  /** Once both sides are done. */
  checkEnd(): void {
    demand(this.#receiver.endpoint.sessionCount === 0, 'no session is left', this.#receiver.endpoint.sessionCount);
    demand(this.#receiver.incoming.length === 0, 'no transfer is left', this.#receiver.incoming.length);
  }

  #onDatagram(event: LogEvent, toReceiver: boolean, datagram: Uint8Array): void {
    if (event === 'delivered') this.#onDelivered(toReceiver, datagram);
    else if (toReceiver) this.#onSentBySender(datagram);
    else this.#onSentByReceiver(datagram);
  }

  #onDelivered(toReceiver: boolean, datagram: Uint8Array): void {
    const packet = decodePacket(datagram);
    if (packet.kind === 'protected') {
      if (toReceiver) this.#receiving.onProtected(this.#incoming, packet, datagram);
      else this.#sending.onProtected(this.#sender.session, packet, datagram);
    } else if (toReceiver && (packet.kind === 'hello' || packet.kind === 'unknown-version')) {
      this.#helloBytes += datagram.length;
      this.#helloLength = datagram.length;
    }
  }

  #onSentBySender(datagram: Uint8Array): void {
    const { session } = this.#sender;
    const packet = decodePacket(datagram);
    if (session === undefined) demand(packet.kind === 'hello', 'without a session there are only HELLOs', packet.kind);
    else if (packet.kind === 'hello') this.#onHelloInSession(session, packet.cookie);
    else this.#sending.onSent(session, datagram);
  }

  #onHelloInSession({ unansweredSince }: Session, cookie: Uint8Array | undefined): void {
    demand(cookie === undefined, 'a HELLO during a session asks for nothing but a COOKIE');
    const silence = this.#simulation.now - (unansweredSince ?? Infinity);
    demand(silence > 1999, 'only who heard nothing for two seconds says HELLO during a session', silence);
  }

  #onSentByReceiver(datagram: Uint8Array): void {
    this.#incoming ??= this.#receiver.incoming[0]?.session;
    const { kind } = decodePacket(datagram);
    if (kind === 'protected') {
      if (this.#incoming !== undefined) this.#receiving.onSent(this.#incoming, datagram);
      return;
    }
    // Whoever has not proven an address gets less than it sent.
    demand(datagram.length < this.#helloLength, 'an answer is shorter than its HELLO', kind, datagram.length);
    this.#replyBytes += datagram.length;
    demand(this.#replyBytes < this.#helloBytes, 'answers are less than HELLOs', this.#replyBytes, this.#helloBytes);
  }
}
