import { constants } from 'node:fs';
import type { Bytes } from '../../base/units.ts';
import { PREFIX_CHUNK } from '../../transfer/message-layout.ts';
import type { Offer } from '../../transfer/messages.ts';
import type { Owner } from '../../transfer/ports.ts';
import type { OpenFile } from '../descriptor.ts';
import { errorName } from '../failure.ts';
import { modeOf, type Place } from '../place.ts';
import { keepJournal } from './journal.ts';
import { isOurs } from './own-file.ts';
import { ownName, passingId, resumableId } from './own-names.ts';
import type { PartClaims } from './part-claims.ts';
import { PartFile } from './part-file.ts';
import { takeLock } from './part-lock.ts';

/** Nobody else reads a file that is not verified yet. */
const PRIVATE = 0o600;

/** A part to write to. */
export interface Begun {
  readonly part: PartFile;
  /** How much of it an earlier transfer left there: whole chunks, unverified. */
  readonly offset: Bytes;
  /** A transfer that held it had to go first, and may have published it. */
  readonly waited: boolean;
}

/**
 * The part of an earlier transfer of this path, or a new one. One that another transfer or process writes, and whatever
 * has the part's name and is no part of ours, is left alone: then the entry gets a part that nobody will go on with.
 * Undefined: aborted. Rejects with the system's error.
 */
export async function beginPart(
  place: Place,
  claims: PartClaims,
  offer: Offer,
  owner: Owner,
  isAborted: () => boolean,
): Promise<Begun | undefined> {
  const { size } = offer;
  if (!place.resume || size === undefined || size < PREFIX_CHUNK) return createPassing(place, offer);
  const id = resumableId(offer.path);
  const claim = await claims.take(id, owner, isAborted);
  if (isAborted()) claim?.release();
  if (isAborted()) return undefined;
  if (claim === undefined) return createPassing(place, offer);
  let unlock: (() => Promise<void>) | undefined;
  const free = async (): Promise<void> => {
    await unlock?.();
    claim.release();
  };
  try {
    unlock = await takeLock(place.files, place.directory, id);
    const kept = unlock && (await openKept(place, id, offer.fresh));
    const handle = kept ?? (unlock && (await create(place, id)));
    if (handle === undefined) {
      await free();
      return createPassing(place, offer);
    }
    const offset = kept === undefined ? 0 : await cut(kept, size);
    const { files, directory, fsync } = place;
    const mode = modeOf(place, offer.mode);
    const { path, mtime } = offer;
    await keepJournal(files, directory.at(ownName(id, 'journal')), { path, size, mtime, created: Date.now() });
    const part = new PartFile({ files, directory, id, handle, size: offset, mode, fsync, free });
    return { part, offset, waited: claim.waited };
  } catch (error) {
    await free();
    throw error;
  }
}

/** Leaves of it only whole chunks, at most `size` bytes; answers how many bytes these are. */
async function cut(handle: OpenFile, size: Bytes): Promise<Bytes> {
  try {
    const kept = Math.min((await handle.stat()).size, size);
    const offset = kept - (kept % PREFIX_CHUNK);
    await handle.truncate(offset);
    return offset;
  } catch (error) {
    await handle.close().catch(() => {});
    throw error;
  }
}

/** Of a small file the final permissions are given at once: one call less, for a moment that hides nothing. */
async function createPassing(place: Place, offer: Offer): Promise<Begun> {
  const { files, directory, fsync } = place;
  const { size } = offer;
  const mode = modeOf(place, offer.mode);
  const id = await passingId();
  const isSmall = size !== undefined && size < PREFIX_CHUNK;
  const handle = await files.open(directory.at(ownName(id, 'part')), 'wx', isSmall ? mode : PRIVATE);
  const left = isSmall ? undefined : mode;
  const part = new PartFile({ files, directory, id, handle, size: 0, mode: left, fsync, free: undefined });
  return { part, offset: 0, waited: false };
}

/** Undefined: something that is no part of ours has the name. */
async function create({ files, directory }: Place, id: string): Promise<OpenFile | undefined> {
  try {
    return await files.open(directory.at(ownName(id, 'part')), 'wx+', PRIVATE);
  } catch (error) {
    if (errorName(error) === 'EEXIST') return undefined;
    throw error;
  }
}

/** The kept part, or undefined where there is none, it is not ours alone, or a fresh start removed it. */
async function openKept({ files, directory }: Place, id: string, fresh: boolean): Promise<OpenFile | undefined> {
  const path = directory.at(ownName(id, 'part'));
  const there = await files.lstat(path).catch((error: unknown) => {
    if (errorName(error) !== 'ENOENT') throw error;
  });
  if (there === undefined || !isOurs(there)) return undefined;
  if (fresh) {
    await files.unlink(path);
    return undefined;
  }
  let handle: OpenFile;
  try {
    handle = await files.open(path, constants.O_RDWR | constants.O_NOFOLLOW | constants.O_NONBLOCK);
  } catch (error) {
    if (['ENOENT', 'ELOOP', 'EACCES', 'EPERM'].includes(errorName(error) ?? '')) return undefined;
    throw error;
  }
  const stat = await handle.stat();
  if (isOurs(stat) && stat.dev === there.dev && stat.ino === there.ino) return handle;
  await handle.close();
  return undefined;
}
