import { EXIT, type ExitCode } from './exit-codes.ts';

export type EndingSignal = keyof typeof CODES;

const CODES = { SIGINT: EXIT.interrupt, SIGTERM: EXIT.terminate, SIGHUP: EXIT.hangup } as const;

/** Signals this close together, in milliseconds, are one: `timeout` tells the process and then its group. */
const ONE_WISH = 200;

/** Watches for signals that end the process: the first asks for a clean end, the second ends it at once. */
export class Signals {
  #exitCode: ExitCode | undefined;
  #firstAt: number | undefined;
  readonly #handlers = new Map<NodeJS.Signals, () => void>();

  /** `onFirst` is called once, with the signal in hand. */
  constructor(onFirst: (signal: EndingSignal) => void) {
    for (const [name, code] of Object.entries(CODES) as [EndingSignal, ExitCode][]) {
      const handler = (): void => {
        if (this.#firstAt !== undefined) {
          if (performance.now() - this.#firstAt > ONE_WISH) process.exit(code);
          return;
        }
        this.#firstAt = performance.now();
        this.#exitCode = code;
        onFirst(name);
      };
      this.#handlers.set(name, handler);
      process.on(name, handler);
    }
  }

  /** The exit code that the signal calls for; undefined: none came. */
  get exitCode(): ExitCode | undefined {
    return this.#exitCode;
  }

  /** Stops watching. */
  release(): void {
    for (const [name, handler] of this.#handlers) process.off(name, handler);
  }
}
