import type { Millis } from '../../base/units.ts';
import { LineProgress } from './line-progress.ts';
import type { ProgressSnapshot } from './progress-tracker.ts';

/** Shows how far a transfer is, on stderr. */
export interface Progress {
  /** Call it as often as you like, and once a second or more even if nothing moves, so that a stall is seen. */
  update(now: Millis, snapshot: ProgressSnapshot): void;
  /** Writes a line of other text without tearing the display. */
  note(line: string): void;
  /** What was shown is over: takes it away and begins anew with the next update. */
  rest(): void;
  /** Shows the last state and gives up what is open. Nothing may follow, and the process does not end before. */
  finish(): void;
}

export type ProgressStream = NodeJS.WritableStream & { readonly isTTY?: boolean; readonly columns?: number };

export interface ProgressOptions {
  readonly stream: ProgressStream;
  readonly env: { readonly TERM?: string | undefined; readonly NO_COLOR?: string | undefined };
  readonly quiet?: boolean | undefined;
}

const NO_PROGRESS: Progress = { update() {}, note() {}, rest() {}, finish() {} };

/**
 * A bar if the stream is a terminal that can move its cursor, else a plain line now and then; nothing at all if `quiet`.
 * NO_COLOR (https://no-color.org) stands for plain text altogether: no control sequence is written.
 */
export async function createProgress({ stream, env, quiet = false }: ProgressOptions): Promise<Progress> {
  if (quiet) return NO_PROGRESS;
  const isPlain = !stream.isTTY || env.TERM === 'dumb' || Boolean(env.NO_COLOR);
  if (isPlain) return new LineProgress(stream);
  const { BarProgress } = await import('./bar-progress.ts'); // only a terminal waits for its library
  return new BarProgress(stream);
}
