import { createHash } from 'node:crypto';
import type { Bytes } from '../base/units.ts';
import { TRANSFER_CODE } from '../transfer/codes.ts';
import type { Sink } from '../transfer/ports.ts';
import { type Answer, accept, notStored, type Outcome, refuse, stored } from './answers.ts';
import { Bell } from './bell.ts';
import { storeFailure } from './failure.ts';

const DIGEST_OF_NOTHING = new Uint8Array(createHash('sha256').digest());

/** What there is to do for an entry without content. Both reject with Refusal or the system's error. */
export interface Errand {
  /** As it is named to people. */
  readonly path: string;
  /** A reason not to take it; undefined: take it. */
  consider(): Promise<Answer | undefined>;
  /** Brings it about, durably. */
  finish(): Promise<Done>;
}

/** How an errand went. */
export interface Done {
  /** There is something that was not there before. */
  readonly isNew: boolean;
  /** What is to be said about it. */
  readonly words: string;
}

/** The sink of a directory or a link: no content, only an end. */
export class BareSink implements Sink {
  /** Resolves when nothing more will be done for it. Never rejects. */
  readonly done: Promise<void>;
  readonly #errand: Errand;
  readonly #wake: () => void;
  readonly #bell = new Bell();
  #answer: Answer | undefined;
  #outcome: Outcome | undefined;
  #taken: Bytes = 0;
  #promised: { readonly size: Bytes; readonly digest: Uint8Array } | undefined;
  #aborted = false;
  #published = false;

  constructor(errand: Errand, wake: () => void) {
    this.#errand = errand;
    this.#wake = wake;
    this.done = this.#live();
  }

  /** It made something that was not there before. */
  get published(): boolean {
    return this.#published;
  }

  verdict(): Answer | undefined {
    return this.#answer;
  }

  /** Its end will not match: nothing is kept. */
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

  end(size: Bytes, digest: Uint8Array): void {
    this.#promised = { size, digest };
    this.#bell.ring();
  }

  receipt(): Outcome | undefined {
    return this.#outcome;
  }

  abort(): void {
    this.#aborted = true;
    this.#bell.ring();
  }

  async #live(): Promise<void> {
    try {
      this.#answer = await this.#errand.consider();
      if (this.#answer !== undefined) return;
      this.#answer = accept(0);
      queueMicrotask(this.#wake);
      while (this.#promised === undefined && !this.#aborted) await this.#bell.wait();
      if (this.#promised !== undefined && !this.#aborted) this.#outcome = await this.#finish(this.#promised);
    } catch (error) {
      const failure = storeFailure(this.#errand.path, error);
      if (this.#answer === undefined) this.#answer = refuse(failure.code, failure.text);
      else this.#outcome = notStored(failure, 0);
    } finally {
      queueMicrotask(this.#wake);
    }
  }

  async #finish({ size, digest }: { readonly size: Bytes; readonly digest: Uint8Array }): Promise<Outcome> {
    if (size !== 0 || this.#taken > 0 || Buffer.compare(digest, DIGEST_OF_NOTHING) !== 0) {
      const text = `${this.#errand.path}: what arrived is not what was sent`;
      return notStored({ code: TRANSFER_CODE.digest, text }, this.#taken, DIGEST_OF_NOTHING);
    }
    const { isNew, words } = await this.#errand.finish();
    this.#published = isNew;
    return stored(0, DIGEST_OF_NOTHING, words);
  }
}
