import { runInNewContext } from 'node:vm';
import type { Bytes } from '../base/units.ts';

/** Bytes of large datagrams between two collections. */
const COLLECT_EVERY: Bytes = 8 * 1024 * 1024;
/** Smaller datagrams make enough garbage of other kinds for the next collection not to be far. */
const LARGE: Bytes = 8 * 1024;

/**
 * Keeps the memory of received datagrams in bounds. Each comes in a buffer outside V8's heap, which V8 hardly counts: of
 * large ones, a hundred megabytes would wait for the next collection of young objects. So that is asked for now and
 * then. Works where the process was started with `--expose-gc`, as the command does; elsewhere nothing happens.
 */
export class DatagramGarbage {
  readonly #collect: () => void;
  #bytes: Bytes = 0;

  constructor(collect = collectYoung) {
    this.#collect = collect;
  }

  /** A datagram came, and nobody needs it any more. */
  onReceived(length: Bytes): void {
    if (length < LARGE) return;
    this.#bytes += length;
    if (this.#bytes < COLLECT_EVERY) return;
    this.#bytes = 0;
    this.#collect();
  }
}

type Collector = (options: { readonly type: 'minor' }) => void;

let collector: Collector | undefined;

function collectYoung(): void {
  // Only contexts made after the flag was set have the function.
  collector ??= runInNewContext('typeof gc === "function" ? gc : () => {}') as Collector;
  collector({ type: 'minor' });
}
