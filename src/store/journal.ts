/**
 * The journal beside a part file says what the part will be. Text, one field per line, in this order:
 *
 *     udpcp-journal 1
 *     name 7265706f72742e706466      the final name, its UTF-8 in hex
 *     size 1048576                   bytes, or `unknown`
 *     mtime 1700000000000            of the sender's file, milliseconds since 1970, or `unknown`
 *     created 1700000000000          when the part was begun, milliseconds since 1970
 *     end
 *
 * It is a hint and proves nothing: whoever resumes from it validates the name again and verifies the part's bytes.
 */
export interface Journal {
  /** Bytes as they came from the wire. */
  readonly name: Uint8Array;
  readonly size: number | undefined;
  readonly mtime: number | undefined;
  readonly created: number;
}

const FORMAT =
  /^udpcp-journal 1\nname ((?:[0-9a-f]{2}){1,255})\nsize (0|[1-9]\d{0,15}|unknown)\nmtime (0|-?[1-9]\d{0,15}|unknown)\ncreated (0|[1-9]\d{0,15})\nend\n$/;
/** No journal is longer: 255 bytes of name in hex and four short lines. */
const MAX_JOURNAL = 1024;

/** Numbers that are not safe integers become `unknown`. */
export function formatJournal(journal: Journal): string {
  return [
    'udpcp-journal 1',
    `name ${Buffer.from(journal.name).toString('hex')}`,
    `size ${known(journal.size)}`,
    `mtime ${known(journal.mtime)}`,
    `created ${journal.created}`,
    'end',
    '',
  ].join('\n');
}

/** What a journal says; undefined for anything that `formatJournal` does not write. Never throws. */
export function parseJournal(bytes: Uint8Array): Journal | undefined {
  if (bytes.length > MAX_JOURNAL) return undefined;
  const [, name = '', size = '', mtime = '', created = ''] = FORMAT.exec(Buffer.from(bytes).toString('latin1')) ?? [];
  if (name === '') return undefined;
  const numbers = [size, mtime, created].map((field) => (field === 'unknown' ? undefined : Number(field)));
  if (numbers.some((number) => number !== undefined && !Number.isSafeInteger(number))) return undefined;
  return {
    name: new Uint8Array(Buffer.from(name, 'hex')),
    size: numbers[0],
    mtime: numbers[1],
    created: Number(created),
  };
}

const known = (number: number | undefined): number | 'unknown' =>
  number !== undefined && Number.isSafeInteger(number) ? number : 'unknown';
