import type { Millis } from '../base/units.ts';
import type { ConnectFailure } from '../session/initiator.ts';
import type { SenderEnd } from '../transfer/sender.ts';
import { CLOSE_CODE } from '../wire/close-codes.ts';

/** When to call again. Soon: nobody was heard, and may be back any moment. Later: somebody said no, for now. */
export type NextCall = 'soon' | 'later';

/** Ends that the receiver tells of and that pass: it restarts, is full, met a defect, or used its numbers up. */
const PASSING: ReadonlySet<number> = new Set([
  CLOSE_CODE.shuttingDown,
  CLOSE_CODE.busy,
  CLOSE_CODE.internal,
  CLOSE_CODE.limit,
]);

/**
 * Whether another session may succeed where this one ended; undefined: it is final. `isAgain`: somebody was there
 * before. Whoever never answered is not called for longer than the connect timeout, unless it said that it is busy.
 */
export function nextCall(end: SenderEnd, isAgain: boolean): NextCall | undefined {
  switch (end.kind) {
    case 'silence':
    case 'restart':
      return 'soon';
    case 'closed-by-peer':
      return PASSING.has(end.code) ? 'later' : undefined;
    case 'no-session':
      return afterFailure(end.failure, isAgain);
    case 'complete':
    case 'cancelled':
    case 'violation':
    case 'no-progress':
      return undefined;
  }
}

function afterFailure(failure: ConnectFailure, isAgain: boolean): NextCall | undefined {
  switch (failure.kind) {
    case 'connect-timeout':
    case 'unreachable':
      return isAgain ? 'soon' : undefined;
    case 'refused':
      return failure.code === CLOSE_CODE.busy || (isAgain && PASSING.has(failure.code)) ? 'later' : undefined;
    case 'version':
    case 'untrusted':
      return undefined;
  }
}

/** Between the beginnings of two calls that failed at once: as often as HELLOs repeat. */
const SOON: Millis = 1000;
const LONGEST: Millis = 30_000;

/** How long to wait before the next call. */
export class RetryPauses {
  #later: Millis = 1000;

  /** `spent`: how long the last call took. `random`, 0..1, keeps many senders from calling all at once. */
  next(kind: NextCall, spent: Millis, random: number): Millis {
    if (kind === 'soon') return Math.max(0, SOON * (0.75 + random / 4) - spent);
    const pause = this.#later * (0.75 + random / 2);
    this.#later = Math.min(LONGEST, 2 * this.#later);
    return Math.min(LONGEST, pause);
  }

  /** It went on: the next loss is a new one. */
  reset(): void {
    this.#later = 1000;
  }
}
