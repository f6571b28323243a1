import type { Bytes, Millis, StreamOffset } from '../base/units.ts';
import type { RttEstimator } from '../recovery/rtt-estimator.ts';
import type { Data } from '../wire/data-frame.ts';
import type { CreditShare } from './credit-budget.ts';
import { CreditWindow } from './credit-window.ts';
import { type Placement, ReceiveStream } from './receive-stream.ts';

/** The incoming half of a session: the peer's stream, and the credit that bounds the memory it takes. */
export class Inbound {
  readonly #stream: ReceiveStream;
  readonly credit: CreditWindow;

  constructor(now: Millis, keepsOutOfOrder: boolean, share: CreditShare, rtt: RttEstimator) {
    this.#stream = new ReceiveStream(keepsOutOfOrder);
    this.credit = new CreditWindow(now, share, rtt);
  }

  /** The next byte expected: everything below has arrived. */
  get contiguous(): StreamOffset {
    return this.#stream.contiguous;
  }

  get readFinished(): boolean {
    return this.#stream.readFinished;
  }

  /** Memory of bytes that the reader has not taken. */
  get buffered(): Bytes {
    return this.#stream.buffered;
  }

  /** Takes a DATA frame; copies what is kept. */
  place(now: Millis, { offset, bytes, fin }: Data): Placement {
    const placement = this.#stream.place(offset, bytes, fin, this.credit.granted);
    if (placement === 'kept') this.credit.onArrival(now, this.#stream.contiguous, this.#stream.highest);
    return placement;
  }

  /** The next bytes in order; undefined: nothing yet. */
  read(): Uint8Array | undefined {
    return this.#stream.read();
  }

  /** The reader needs so many bytes no longer; `of`, a part of the piece they are in, lets their memory be used again. */
  consumed(count: Bytes, of?: Uint8Array): void {
    this.credit.consumed(count);
    if (of !== undefined) this.#stream.free(count, of);
  }
}
