import { readFileSync } from 'node:fs';

/** One name of fixtures/names.json and what becomes of it: `accept`, or `reject:` and the reason. */
export interface NameRow {
  readonly class: string;
  /** The name, or one character that is repeated. */
  readonly name?: string;
  readonly repeat?: number;
  /** Instead of `name`: bytes that are no text. */
  readonly hex?: string;
  readonly posix: string;
  readonly win32: string;
  readonly why: string;
}

export const NAME_ROWS: readonly NameRow[] = JSON.parse(
  readFileSync(new URL('../../fixtures/names.json', import.meta.url), 'utf8'),
);

export function nameBytes(row: NameRow): Uint8Array {
  if (row.hex !== undefined) return new Uint8Array(Buffer.from(row.hex, 'hex'));
  return new TextEncoder().encode((row.name ?? '').repeat(row.repeat ?? 1));
}
