import { Gate } from './gate.ts';

/** Entries of one transfer that have a part file at once, those whose content is small and those whose is not. */
const MAX_SMALL = 64;
const MAX_LARGE = 64;

/** An entry on its way, and where to. */
interface Guest {
  readonly path: string;
  readonly done: Promise<void>;
}

/** What the store remembers of one transfer while it lasts. */
export class Visit {
  /** Small entries need no part before their content comes: they never wait for the sender while they hold a place. */
  readonly small = new Gate(MAX_SMALL);
  readonly large = new Gate(MAX_LARGE);
  /** One large file at a time is open to be compared, and one piece is read of it and of all parts. */
  readonly comparing = new Gate(1);
  readonly reading = new Gate(1);
  readonly #guests = new Set<Guest>();

  /** An entry begins; it is forgotten when it is done. */
  take(guest: Guest): void {
    this.#guests.add(guest);
    void guest.done.then(() => this.#guests.delete(guest));
  }

  /** Resolves when all that is on its way to below this directory now is done. Never rejects. */
  below(path: string): Promise<unknown> {
    const below = [...this.#guests].filter((guest) => guest.path.startsWith(`${path}/`));
    return Promise.all(below.map(({ done }) => done));
  }
}
