import { SingleBar } from 'cli-progress';
import type { Millis } from '../../base/units.ts';
import type { Progress, ProgressStream } from './progress.ts';
import { progressLine } from './progress-line.ts';
import { type ProgressSnapshot, ProgressTracker, type ProgressView } from './progress-tracker.ts';

const DEFAULT_COLUMNS = 80;

/** One line of a terminal, redrawn in place at most 10 times a second. */
export class BarProgress implements Progress {
  readonly #stream: ProgressStream;
  #tracker = new ProgressTracker();
  readonly #bar: SingleBar;
  #view: ProgressView | undefined;

  constructor(stream: ProgressStream) {
    this.#stream = stream;
    this.#bar = new SingleBar({
      stream,
      fps: 10,
      format: () => this.#draw(),
      // The bar draws by its own timer alone, so that an update costs nothing.
      synchronousUpdate: false,
      clearOnComplete: true,
      // Our lines fit; leaving the terminal's wrapping alone means that a crash leaves it whole.
      linewrap: true,
      gracefulExit: false,
    });
  }

  update(now: Millis, snapshot: ProgressSnapshot): void {
    this.#view = this.#tracker.update(now, snapshot);
    if (!this.#bar.isActive) this.#bar.start(1, 0);
  }

  note(line: string): void {
    const wasActive = this.#bar.isActive;
    this.#bar.stop();
    this.#stream.write(`${line}\n`);
    if (wasActive) this.#bar.start(1, 0);
  }

  rest(): void {
    this.#tracker = new ProgressTracker();
    this.#bar.stop();
  }

  finish(): void {
    if (!this.#bar.isActive) return;
    this.#bar.stop();
    this.#stream.write(`${this.#draw()}\n`);
  }

  #draw(): string {
    // One column less: many terminals wrap as soon as the last one is filled.
    const width = (this.#stream.columns || DEFAULT_COLUMNS) - 1;
    return this.#view === undefined ? '' : progressLine(this.#view, width, 'bar');
  }
}
