import { createProgress, type Progress } from './progress.ts';

/** What a command prints, and where: words on stderr, results on stdout. */
export interface OutputOptions {
  readonly quiet?: boolean;
  readonly verbose?: boolean;
  readonly json?: boolean;
}

/** The two output streams of a command. A reader that goes away must not end a transfer. */
export class Output {
  readonly progress: Progress;
  readonly #options: OutputOptions;

  constructor(options: OutputOptions) {
    this.#options = options;
    const { TERM, NO_COLOR } = process.env;
    this.progress = createProgress({ stream: process.stderr, env: { TERM, NO_COLOR }, quiet: options.quiet });
  }

  get isJson(): boolean {
    return this.#options.json === true;
  }

  /** A line for people, unless they asked for silence. */
  note(line: string): void {
    this.progress.note(line);
  }

  /** A line for people who want to know more. */
  detail(line: string): void {
    if (this.#options.verbose) this.note(line);
  }

  /** A line that even `--quiet` does not hold back. */
  error(line: string): void {
    if (this.#options.quiet) process.stderr.write(`${line}\n`);
    else this.progress.note(line);
  }

  /** One result on stdout. */
  result(value: unknown): void {
    process.stdout.write(`${JSON.stringify(value)}\n`);
  }
}

/** From now on a closed or full stdout or stderr loses words, and nothing else. */
export function tolerateLostOutput(): void {
  for (const stream of [process.stdout, process.stderr]) stream.on('error', () => {});
}
