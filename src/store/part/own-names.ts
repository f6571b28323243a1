import { createHash, randomBytes } from 'node:crypto';
import { OWN_PREFIX } from '../names.ts';
import { incarnationOf, isRunning, thisProcess } from './process-identity.ts';

/**
 * What we make beside the received files is called `.udpcp-<id>.<kind>`, whatever the final name and its length are.
 *
 *     part       content that is not published yet
 *     journal    what that part will be (store/journal)
 *     lock       which process writes that part (store/part-lock)
 *     made       a directory that was made here, or will be in a moment (store/made-directories)
 *     link       a symbolic link that is about to replace another one
 *
 * The id of what can be found again is made of its path; another one is random and says whose it is.
 */
export type OwnKind = 'part' | 'journal' | 'lock' | 'made' | 'link';

const OWN_NAME = /^\.udpcp-([0-9a-f]{32}|[0-9a-f]{16}-[1-9]\d{0,9}-[0-9a-f]{8})\.(part|journal|lock|made|link)$/;
const PASSING = /^[0-9a-f]{16}-(\d+)-([0-9a-f]{8})$/;

export function ownName(id: string, kind: OwnKind): string {
  return `${OWN_PREFIX}${id}.${kind}`;
}

/** What a name of ours says; undefined for every other name. */
export function parseOwnName(name: string): { readonly id: string; readonly kind: OwnKind } | undefined {
  const [, id, kind] = OWN_NAME.exec(name) ?? [];
  return id === undefined ? undefined : { id, kind: kind as OwnKind };
}

/** The id of the part of this path: the same in every run. One-way, so that a listing does not tell names. */
export function resumableId(path: readonly Uint8Array[]): string {
  const hash = createHash('sha256');
  for (const component of path) hash.update(Uint8Array.of(component.length)).update(component);
  return hash.digest('hex').slice(0, 32);
}

/** The id of the note of a directory, by its path and, once it is there, by what tells it from every other. */
export function madeId(path: string, identity = ''): string {
  return createHash('sha256').update(`${path}\0${identity}`).digest('hex').slice(0, 32);
}

/** The end of every passing id of this process. */
let ending: Promise<string> | undefined;
/** Random bytes for the next ids: one call for each of ten thousand small files would cost more than the rest of them. */
let random = Buffer.alloc(0);
const RANDOM_LENGTH = 8;
const RANDOM_AHEAD = 128;

/** An id for what nobody goes on with later: it needs no lock, because it names the process that it belongs to. */
export async function passingId(): Promise<string> {
  ending ??= thisProcess().then((self) => `-${self.pid}-${incarnationOf(self)}`);
  const end = await ending;
  if (random.length === 0) random = randomBytes(RANDOM_LENGTH * RANDOM_AHEAD);
  const own = random.toString('hex', 0, RANDOM_LENGTH);
  random = random.subarray(RANDOM_LENGTH);
  return own + end;
}

/** Whether it is such an id. */
export const isPassing = (id: string): boolean => PASSING.test(id);

/** Whether the process that made this passing id still runs; undefined: the id is of the other sort. */
export async function isOwnerRunning(id: string): Promise<boolean | undefined> {
  const [, pid, incarnation] = PASSING.exec(id) ?? [];
  if (pid === undefined) return undefined;
  return isRunning(Number(pid), (there) => incarnationOf(there) === incarnation);
}
