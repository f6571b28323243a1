import type { Bytes } from '../base/units.ts';
import type { CreateDigest } from './digest.ts';
import { MemorySink, type MemoryStoreOptions, type Published, type Shelf } from './memory-sink.ts';
import type { Offer } from './messages.ts';
import type { Sink, Store } from './ports.ts';

/**
 * A store in memory, for simulations and tests: nothing is published before it was verified. What is not finished is
 * kept, if it is a chunk at least, and resumed.
 */
export class MemoryStore implements Store {
  /** Begun and not finished, by name. Whoever likes may damage them. */
  readonly parts = new Map<string, Uint8Array>();
  readonly #createDigest: CreateDigest;
  readonly #options: MemoryStoreOptions;
  readonly #published = new Map<string, Published>();
  readonly #live = new Set<MemorySink>();
  #written: Bytes = 0;

  constructor(createDigest: CreateDigest, options: MemoryStoreOptions = {}) {
    this.#createDigest = createDigest;
    this.#options = options;
  }

  /** By `nameOf` the offered path. */
  get published(): ReadonlyMap<string, Published> {
    return this.#published;
  }

  /** Content that was ever given to it. */
  get written(): Bytes {
    return this.#written;
  }

  /** An entry whose name is published already is compared if it has the same size, else refused: EXISTS. */
  open(offer: Offer, wake: () => void): Sink {
    const sink = new MemorySink(this.#shelf, offer, this.#createDigest, this.#options, wake);
    this.#live.add(sink);
    return sink;
  }

  /** As when its process dies: no sink goes on, and what they had taken is there when the store is used again. */
  crash(): void {
    for (const sink of this.#live) sink.abort();
  }

  readonly #shelf: Shelf = {
    published: this.#published,
    parts: this.parts,
    count: (bytes) => {
      this.#written += bytes;
    },
    leave: (sink) => this.#live.delete(sink),
  };
}
