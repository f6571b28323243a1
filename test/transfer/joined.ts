import type { Delay } from '../../src/transfer/delay.ts';
import type { ReceivedOutcome } from '../../src/transfer/incoming-entries.ts';
import type { OutgoingEntry, Store } from '../../src/transfer/ports.ts';
import { ReceivingTransfer } from '../../src/transfer/receiving.ts';
import { SendingTransfer } from '../../src/transfer/sending.ts';
import { BytePipe, type PipeShape } from './byte-pipe.ts';
import { NOBODY } from './phrases.ts';

/** Both machines over one pipe. A machine is stepped only when its stream changed or it was woken, as a session does. */
export class Joined {
  readonly pipe: BytePipe;
  readonly sending: SendingTransfer;
  readonly receiving: ReceivingTransfer;
  readonly received: ReceivedOutcome[] = [];
  readonly #delays: readonly Delay[];

  constructor(
    entries: readonly OutgoingEntry[],
    store: Store,
    shape: { readonly toReceiver: PipeShape; readonly toSender: PipeShape },
    delays: readonly Delay[] = [],
  ) {
    const pipe = new BytePipe(shape.toReceiver, shape.toSender);
    this.pipe = pipe;
    this.#delays = delays;
    this.sending = new SendingTransfer(entries, pipe.sender, pipe.touchSender);
    this.receiving = new ReceivingTransfer(store, pipe.receiver, pipe.touchReceiver, NOBODY);
  }

  /** Runs until neither side can do anything more, whether complete or stuck. */
  run(): this {
    let idle = 0;
    while (idle < 10) {
      const busy = this.#stepTouched();
      const moved = [this.pipe.toReceiver.deliver(), this.pipe.toSender.deliver()].includes(true);
      if (!busy && !moved) {
        for (const delay of this.#delays) delay.advance();
        idle++;
      } else {
        idle = 0;
      }
    }
    return this;
  }

  #stepTouched(): boolean {
    const { touched } = this.pipe;
    const { sender, receiver } = touched;
    touched.sender = false;
    touched.receiver = false;
    if (sender) this.sending.step();
    if (receiver) this.receiving.step();
    this.received.push(...this.receiving.takeOutcomes());
    return sender || receiver;
  }
}

/** A pipe that stands in nobody's way. */
export const WIDE: PipeShape = { window: 16 * 1024 * 1024, slices: [1024 * 1024] };
