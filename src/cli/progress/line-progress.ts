import type { Millis } from '../../base/units.ts';
import type { Progress, ProgressStream } from './progress.ts';
import { progressLine } from './progress-line.ts';
import { type ProgressSnapshot, ProgressTracker } from './progress-tracker.ts';

/** Between two lines, and before the first: short transfers need none. */
const INTERVAL: Millis = 10_000;
/** The same while nothing can move. */
const WAITING_INTERVAL: Millis = 30_000;

/** Progress for logs and dumb terminals: a whole line every 10 seconds, without control sequences. */
export class LineProgress implements Progress {
  readonly #stream: ProgressStream;
  #tracker = new ProgressTracker();
  #nextAt: Millis | undefined;

  constructor(stream: ProgressStream) {
    this.#stream = stream;
  }

  update(now: Millis, snapshot: ProgressSnapshot): void {
    const view = this.#tracker.update(now, snapshot);
    const interval = view.waiting === undefined ? INTERVAL : WAITING_INTERVAL;
    this.#nextAt ??= now + interval;
    if (now < this.#nextAt) return;
    this.#nextAt = now + interval;
    this.#stream.write(`${progressLine(view, Infinity, 'text')}\n`);
  }

  note(line: string): void {
    this.#stream.write(`${line}\n`);
  }

  rest(): void {
    this.#tracker = new ProgressTracker();
    this.#nextAt = undefined;
  }

  finish(): void {}
}
