import type { Bytes, Millis } from '../base/units.ts';
import { TRANSFER_CODE } from '../transfer/codes.ts';
import { type Answer, refuse } from './answers.ts';
import { systemError } from './failure.ts';
import type { Place } from './place.ts';

/** Content between two looks at what the disk still has: others may fill it too. */
const LOOK_EVERY: Bytes = 32 * 1024 * 1024;
/** A file below this may take an earlier look at the disk's room, one that is at most so old. */
const SMALL: Bytes = 256 * 1024;
const LOOK_AGE: Millis = 500;

/** Why so many bytes do not fit, of which `have` are here; undefined: they do, perhaps since old leftovers are gone. */
export async function refuseWithoutRoom(
  { directory, leftovers }: Place,
  path: string,
  size: Bytes | undefined,
  have: Bytes,
): Promise<Answer | undefined> {
  if (size === undefined) return undefined;
  const lacks = (free: Bytes | undefined): free is Bytes => free !== undefined && size - have > free;
  if (!lacks(await directory.free(size < SMALL ? LOOK_AGE : 0))) return undefined;
  const left = await leftovers.clear();
  const free = await directory.free();
  if (!lacks(free)) return undefined;
  const here = have > 0 ? `, of which ${have} are here` : '';
  const text = `cannot store ${path}: it has ${size} bytes${here}, and ${free} are free${left}`;
  return refuse(TRANSFER_CODE.space, text);
}

/** Notices while a file arrives that the rest of it will find no room, or that nobody would find it. */
export class RoomWatch {
  readonly #place: Place;
  readonly #size: Bytes | undefined;
  #lookedAt: Bytes;

  /** `size` of the whole, as far as it is known; `have` of it are here. */
  constructor(place: Place, size: Bytes | undefined, have: Bytes) {
    this.#place = place;
    this.#size = size;
    this.#lookedAt = have;
  }

  /** To be called now and then with what is here. Rejects with ENOSPC or Refusal. */
  async check(have: Bytes): Promise<void> {
    this.#lookedAt = have;
    await this.#place.directory.check();
    const free = await this.#place.directory.free();
    if (free !== undefined && (this.#size ?? have) - have > free) throw systemError('ENOSPC');
  }

  isDue(have: Bytes): boolean {
    return have - this.#lookedAt >= LOOK_EVERY;
  }
}
