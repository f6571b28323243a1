import type { JsonFormat } from './json/json-lines.ts';
import { createProgress, type Progress } from './progress/progress.ts';

/** What a command prints, and where: words on stderr, results on stdout. */
export interface OutputOptions {
  readonly quiet?: boolean;
  readonly verbose?: boolean;
  readonly json?: boolean;
  readonly jsonl?: boolean;
}

/** The two output streams of a command. A reader that goes away must not end a transfer. */
export class Output {
  readonly progress: Progress;
  readonly #options: OutputOptions;

  private constructor(options: OutputOptions, progress: Progress) {
    this.#options = options;
    this.progress = progress;
  }

  static async open(options: OutputOptions): Promise<Output> {
    const { TERM, NO_COLOR } = process.env;
    const progress = await createProgress({ stream: process.stderr, env: { TERM, NO_COLOR }, quiet: options.quiet });
    return new Output(options, progress);
  }

  /** How a program is told; undefined: there is none, and people are. */
  get format(): JsonFormat | undefined {
    if (this.#options.json) return 'json';
    return this.#options.jsonl ? 'jsonl' : undefined;
  }

  /** People want to know more. */
  get isVerbose(): boolean {
    return this.#options.verbose ?? false;
  }

  /** A line for people, unless they asked for silence. */
  note(line: string): void {
    this.progress.note(line);
  }

  /** A line for people who want to know more. */
  detail(line: string): void {
    if (this.isVerbose) this.note(line);
  }

  /** A line that even `--quiet` does not hold back. */
  error(line: string): void {
    if (this.#options.quiet) process.stderr.write(`${line}\n`);
    else this.progress.note(line);
  }

  /** One line of a result for people, on stdout. */
  line(text: string): void {
    process.stdout.write(`${text}\n`);
  }
}
