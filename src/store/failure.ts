import { constants } from 'node:os';
import { getSystemErrorMap } from 'node:util';
import { TRANSFER_CODE } from '../transfer/codes.ts';

/** A local failure as the peer hears of it. */
export type Failure = { readonly code: number; readonly text: string };

/** Something we decline to do, thrown from deep inside: the peer hears of it as it is. */
export class Refusal extends Error {
  readonly failure: Failure;

  constructor(code: number, text: string) {
    super(text);
    this.failure = { code, text };
  }
}

/** The name of a system error (`ENOSPC`), or undefined for an error that did not come from the system. */
export function errorName(error: unknown): string | undefined {
  if (!(error instanceof Error) || !('code' in error) || typeof error.code !== 'string') return undefined;
  if ('errno' in error && Math.abs(Number(error.errno)) === constants.errno.EDQUOT) return 'EDQUOT'; // libuv has no name for it
  return error.code;
}

/** An error like the system's own, for what only we notice. */
export function systemError(name: string): Error {
  return Object.assign(new Error(name), { code: name });
}

/** What went wrong in a few words, without any path: texts go to the peer. */
export function errorWords(error: unknown): string {
  const name = errorName(error);
  if (name === 'EDQUOT') return 'disk quota exceeded';
  for (const [systemName, words] of getSystemErrorMap().values()) if (systemName === name) return words;
  return name ?? `internal error (${error instanceof Error ? error.name : typeof error})`;
}

/** A failure to store an entry: which transfer code it is, and one line. `name` is the entry's validated path. */
export function storeFailure(name: string, error: unknown): Failure {
  if (error instanceof Refusal) return error.failure;
  return { code: codeOf(errorName(error)), text: `cannot store ${name}: ${errorWords(error)}` };
}

function codeOf(name: string | undefined): number {
  switch (name) {
    case 'ENOSPC':
    case 'EDQUOT':
      return TRANSFER_CODE.space;
    case 'ENAMETOOLONG': // some file systems take fewer than 255 bytes
    case 'EILSEQ':
      return TRANSFER_CODE.name;
    default:
      return TRANSFER_CODE.store;
  }
}
