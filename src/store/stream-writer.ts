import type { Writable } from 'node:stream';
import type { Bytes } from '../base/units.ts';
import type { PipeOutput } from '../transfer/pipe.ts';
import { errorName, errorWords } from './failure.ts';

/** Writes to a stream of Node's, and counts what it has taken: whoever writes waits for that, so nothing piles up. */
export class StreamWriter implements PipeOutput {
  readonly #stream: Writable;
  #wake: () => void = () => {};
  #accepted: Bytes = 0;
  #written: Bytes = 0;
  #dropped: Bytes = 0;
  #state: 'open' | 'finished' | 'broken' = 'open';
  #error: unknown;

  constructor(stream: Writable) {
    this.#stream = stream;
    stream.on('error', (error) => this.#break(error));
    stream.on('close', () => {
      if (this.#state === 'open') this.#break(undefined);
    });
  }

  /** `wake` is called, never from within a call of these, when an answer has changed. Only the last one given is. */
  onNews(wake: () => void): void {
    this.#wake = wake;
  }

  /** Bytes that the stream took: those of a failed write may or may not be among what its reader got. */
  get written(): Bytes {
    return this.#written;
  }

  get failure(): string | undefined {
    if (this.#state !== 'broken') return undefined;
    const isGone = this.#error === undefined || errorName(this.#error) === 'EPIPE';
    return isGone ? 'whoever reads the output has gone away' : `cannot write the output: ${errorWords(this.#error)}`;
  }

  get state(): 'open' | 'finished' | 'broken' {
    return this.#state;
  }

  taken(): Bytes {
    return this.#written + this.#dropped;
  }

  write(bytes: Uint8Array): void {
    this.#accepted += bytes.length;
    if (this.#state === 'broken') {
      this.#drop();
      return;
    }
    this.#stream.write(bytes, (error) => {
      if (error) this.#break(error);
      else if (this.#state !== 'broken') {
        this.#written += bytes.length;
        this.#tell();
      }
    });
  }

  end(): void {
    this.#stream.end((error?: Error | null) => {
      if (error) this.#break(error);
      else if (this.#state === 'open') this.#state = 'finished';
      this.#tell();
    });
  }

  #break(error: unknown): void {
    if (this.#state !== 'open') return;
    this.#state = 'broken';
    this.#error = error;
    this.#drop();
  }

  /** What was not written never will be: its memory is free. */
  #drop(): void {
    this.#dropped = this.#accepted - this.#written;
    this.#tell();
  }

  #tell(): void {
    queueMicrotask(() => this.#wake());
  }
}
