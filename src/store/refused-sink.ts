import type { Bytes } from '../base/units.ts';
import type { Sink } from '../transfer/ports.ts';
import type { Answer } from './answers.ts';

/** The sink of an entry that was answered at once: it takes nothing. */
export class RefusedSink implements Sink {
  readonly #answer: Answer;
  #taken: Bytes = 0;

  constructor(answer: Answer) {
    this.#answer = answer;
  }

  verdict(): Answer {
    return this.#answer;
  }

  write(bytes: Uint8Array): void {
    this.#taken += bytes.length;
  }

  compare(): void {}

  differing(): undefined {
    return undefined;
  }

  taken(): Bytes {
    return this.#taken;
  }

  end(): void {}

  receipt(): undefined {
    return undefined;
  }

  abort(): void {}
}
