import type { Stats } from 'node:fs';
import { posix } from 'node:path';
import { TRANSFER_CODE } from '../transfer/codes.ts';
import { type Answer, refuse, skip } from './answers.ts';
import { MAX_NAME } from './names.ts';

/**
 * What happens to an entry whose name is taken: `refuse` it, `overwrite` a regular file (never anything else), `rename`
 * the entry to `name (1).ext`, or `skip` it without an error.
 */
export const EXISTS_POLICIES = ['refuse', 'overwrite', 'rename', 'skip'] as const;
export type ExistsPolicy = (typeof EXISTS_POLICIES)[number];

/**
 * The answer to an offer whose name is taken by `there` now; undefined: go on. It only saves the content's way: what
 * counts is what is there when the file is published.
 */
export function answerExisting(
  policy: ExistsPolicy,
  name: string,
  there: Pick<Stats, 'isFile' | 'isDirectory'>,
): Answer | undefined {
  if (policy === 'rename' || (policy === 'overwrite' && there.isFile())) return undefined;
  const text = there.isDirectory() ? `${name} exists and is a directory` : existsText(policy, name);
  return policy === 'skip' ? skip(TRANSFER_CODE.exists, text) : refuse(TRANSFER_CODE.exists, text);
}

/** Numbers tried before a name counts as taken for good. */
export const MAX_NUMBER = 9_999;

/** Why the policy leaves what is there alone. */
export function existsText(policy: ExistsPolicy, name: string): string {
  if (policy === 'overwrite') return `${name} exists and is not a regular file`;
  if (policy === 'rename') return `${name} exists, and so do its numbered names`;
  return `${name} exists`;
}

/** Extensions longer than this belong to the name. */
const MAX_EXTENSION = 64;

/** `report.pdf` and 2 make `report (2).pdf`. At most 255 bytes of UTF-8: a longer stem loses characters at its end. */
export function numberedName(name: string, number: number): string {
  const parsed = posix.parse(name);
  const [stem, extension] = Buffer.byteLength(parsed.ext) <= MAX_EXTENSION ? [parsed.name, parsed.ext] : [name, ''];
  const suffix = ` (${number})${extension}`;
  const characters = Array.from(stem);
  while (Buffer.byteLength(characters.join('')) + Buffer.byteLength(suffix) > MAX_NAME) characters.pop();
  return characters.join('') + suffix;
}
