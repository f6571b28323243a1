import type { Bytes, BytesPerMilli, Millis } from '../base/units.ts';
import type { SentPacket } from '../recovery/sent-packet.ts';
import type { AckSample, CongestionController, ControllerContext } from './controller.ts';
import { BETA, CubicCurve } from './cubic-curve.ts';
import { HyStart } from './hystart.ts';
import { initialWindow, minimumWindow, windowRate } from './windows.ts';

/** What a loss may change, and a proof that there was none gives back (RFC 9438 section 4.9). */
interface State {
  readonly cwnd: Bytes;
  readonly ssthresh: Bytes;
  /** Where the window was at the last loss, or below, to make room (fast convergence). */
  readonly wMax: Bytes;
  /** Where the window was at the last loss. */
  readonly cwndPrior: Bytes;
  /** Undefined: in slow start, or the next ACK begins it. */
  readonly curve: CubicCurve | undefined;
  /** Packets sent before this belong to the loss already answered. */
  readonly recoveryStart: Millis;
}

/** CUBIC of RFC 9438, with the slow start of RFC 9406. */
export class CubicController implements CongestionController {
  readonly name = 'cubic';
  readonly #context: Pick<ControllerContext, 'maxDatagram' | 'startRate' | 'rtt'>;
  #state: State;
  #hystart = new HyStart();
  /** The state before the last reduction. */
  #before: State | undefined;

  constructor(context: Pick<ControllerContext, 'maxDatagram' | 'startRate' | 'rtt'>) {
    this.#context = context;
    this.#state = this.#initialState();
  }

  get cwnd(): Bytes {
    return Math.max(this.#state.cwnd, minimumWindow(this.#context.maxDatagram)); // datagrams may have grown
  }

  get pacingRate(): BytesPerMilli {
    return windowRate(this.cwnd, this.#context.rtt.srtt, this.#inSlowStart);
  }

  onAck(now: Millis, { packets }: Pick<AckSample, 'packets'>): void {
    const newest = packets.at(-1);
    if (this.#inSlowStart && newest !== undefined) this.#hystart.onAck(now, newest.sentAt);
    let counted: Bytes = 0;
    for (const { size, sentAt, appLimited } of packets) {
      // RFC 9002 sections 7.8 and 7.3.2, RFC 9438 section 4.2.
      if (!appLimited && sentAt > this.#state.recoveryStart) counted += size;
      else if (appLimited) this.#state.curve?.pause(now);
    }
    if (counted === 0) return;
    if (this.#inSlowStart) this.#growInSlowStart(counted);
    else this.#growOnCurve(now, counted);
  }

  onLoss(now: Millis, lost: readonly SentPacket[], persistent: boolean): void {
    const newest = lost.at(-1);
    if (newest !== undefined && newest.sentAt > this.#state.recoveryStart) {
      this.#before = this.#state;
      this.#state = this.#reduced(now, this.#state);
    }
    if (persistent) {
      this.#before = undefined;
      const cwnd = minimumWindow(this.#context.maxDatagram);
      this.#state = { ...this.#state, cwnd, curve: undefined, recoveryStart: Number.NEGATIVE_INFINITY };
      this.#hystart = new HyStart();
    }
  }

  onSpuriousLosses(): void {
    if (this.#before === undefined) return;
    this.#state = { ...this.#before, cwnd: Math.max(this.cwnd, this.#before.cwnd) };
    this.#before = undefined;
  }

  onSuspension(): void {
    this.#state = { ...this.#state, cwnd: Math.min(this.cwnd, initialWindow(this.#context)), curve: undefined };
  }

  reset(): void {
    this.#state = this.#initialState();
    this.#hystart = new HyStart();
    this.#before = undefined;
  }

  get #inSlowStart(): boolean {
    return this.#state.cwnd < this.#state.ssthresh;
  }

  #initialState(): State {
    return {
      cwnd: initialWindow(this.#context),
      ssthresh: Number.POSITIVE_INFINITY,
      wMax: 0,
      cwndPrior: 0,
      curve: undefined,
      recoveryStart: Number.NEGATIVE_INFINITY,
    };
  }

  #growInSlowStart(acked: Bytes): void {
    const cwnd = this.cwnd + acked * this.#hystart.growth;
    // RFC 9438 section 4.10: slow start that ends without a loss ends on the plateau.
    if (this.#hystart.isOver) this.#state = { ...this.#state, cwnd, ssthresh: cwnd, wMax: cwnd, cwndPrior: cwnd };
    else this.#state = { ...this.#state, cwnd };
  }

  #growOnCurve(now: Millis, acked: Bytes): void {
    const { maxDatagram, rtt } = this.#context;
    const { wMax, cwndPrior } = this.#state;
    const window = this.cwnd / maxDatagram;
    const curve = this.#state.curve ?? new CubicCurve(now, window, wMax / maxDatagram, cwndPrior / maxDatagram);
    const cwnd = curve.grow(now, window, acked / maxDatagram, rtt.srtt) * maxDatagram;
    this.#state = { ...this.#state, cwnd, curve };
  }

  #reduced(now: Millis, { cwnd, wMax }: State): State {
    const ssthresh = Math.max(cwnd * BETA, minimumWindow(this.#context.maxDatagram));
    return {
      cwnd: ssthresh,
      ssthresh,
      // Fast convergence (RFC 9438 section 4.7): a window that did not come back to its plateau leaves more to others.
      wMax: cwnd < wMax ? (cwnd * (1 + BETA)) / 2 : cwnd,
      cwndPrior: cwnd,
      curve: undefined,
      recoveryStart: now,
    };
  }
}
