/** Why an entry was skipped, refused or not stored; uint16 on the wire (PROTOCOL.md, section "Transfer codes"). */
export const TRANSFER_CODE = {
  ok: 0,
  exists: 1,
  name: 2,
  space: 3,
  store: 4,
  digest: 5,
  tooLarge: 6,
  unsupported: 7,
  sourceChanged: 8,
  sourceUnreadable: 9,
  cancelled: 10,
  busy: 11,
} as const;

const WORDS: readonly string[] = [
  '',
  'something of that name exists',
  'the name is refused',
  'no space',
  'it could not be stored',
  'what arrived is not what was sent',
  'too large',
  'this kind of entry is not taken',
  'it changed while it was sent',
  'it could not be read to its end',
  'cancelled',
  'no more is taken now',
];

/** A code for people, for a peer that sends no text with it; empty: all is well. */
export function transferCodeWords(code: number): string {
  return WORDS[code] ?? `code ${code}`;
}
