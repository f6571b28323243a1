import type { Bytes, Millis, StreamOffset } from '../base/units.ts';
import type { RttEstimator } from '../recovery/rtt-estimator.ts';
import type { CreditShare } from './credit-budget.ts';

/** So many times what arrives in a round trip, which may nearly triple in the next, or what waits behind lost bytes. */
const HEADROOM = 4;
/** CREDIT is said anew when so large a part of the window was taken: late enough to be rare, early enough not to stall. */
const STEP = 1 / 8;

/**
 * How far ahead of its reader a peer may send. The window is small until the path shows that it needs more: then it
 * grows with what arrives in a round trip, and never while it is the reader that cannot keep up.
 */
export class CreditWindow {
  readonly #share: CreditShare;
  readonly #rtt: RttEstimator;
  /** The window that the path needs, if the share allows it. */
  #wanted: Bytes;
  #granted: StreamOffset;
  #consumed: StreamOffset = 0;
  #isDue = false;
  /** A round trip that is being measured: since when, and from which byte on. */
  #since: Millis;
  #from: StreamOffset = 0;
  /** What was there in order then. */
  #inOrder: StreamOffset = 0;

  constructor(now: Millis, share: CreditShare, rtt: RttEstimator) {
    this.#share = share;
    this.#rtt = rtt;
    this.#since = now;
    this.#wanted = share.promised;
    this.#granted = 0 + share.promised;
  }

  /** The peer may send what lies below. */
  get granted(): StreamOffset {
    return this.#granted;
  }

  /** Memory that what was granted may still take. */
  get outstanding(): Bytes {
    return this.#granted - this.#consumed;
  }

  /** Bytes arrived: all below `contiguous`, none from `highest` on. */
  onArrival(now: Millis, contiguous: StreamOffset, highest: StreamOffset): void {
    const elapsed = now - this.#since;
    const { srtt } = this.#rtt;
    if (elapsed < srtt) return;
    const perRoundTrip = elapsed === 0 ? 0 : ((highest - this.#from) * srtt) / elapsed;
    this.#since = now;
    this.#from = highest;
    const window = this.#window();
    // Within a round trip, or with room to spare where all of it came at once.
    const keepsUp = this.#consumed >= this.#inOrder || contiguous - this.#consumed <= window / 2;
    this.#inOrder = contiguous;
    if (!keepsUp || window < this.#wanted) return;
    const needed = HEADROOM * Math.max(perRoundTrip, highest - contiguous);
    if (needed <= window) return;
    this.#wanted = Math.min(Math.ceil(needed), Math.max(window, this.#share.limit));
    this.#settle();
  }

  /** The reader needs so many bytes no longer. */
  consumed(count: Bytes): void {
    this.#consumed += count;
    this.#settle();
  }

  /** There is enough new credit to tell the peer. */
  get isDue(): boolean {
    return this.#isDue;
  }

  /** The credit to tell the peer now. */
  poll(): StreamOffset {
    if (this.#isDue) {
      this.#granted = this.#consumed + this.#window();
      this.#settle();
    }
    return this.#granted;
  }

  #window(): Bytes {
    return Math.min(this.#wanted, this.#share.limit);
  }

  #settle(): void {
    const window = this.#window();
    const fresh = this.#consumed + window - this.#granted;
    this.#isDue = fresh > 0 && fresh >= STEP * window;
    // What was granted stays promised until it is taken, however small the window is by now.
    this.#share.promise(Math.max(window, this.outstanding));
  }
}
