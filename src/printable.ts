/**
 * Everything that a terminal obeys, reorders or does not show: controls, format characters, lone surrogates, line and
 * paragraph separators, and what Unicode calls default ignorable. Kept are the joiners and the emoji variation
 * selectors, without which Persian and Indic names and many emoji are written wrongly.
 */
const UNSAFE = /(?!\u{200c}|\u{200d}|\u{fe0e}|\u{fe0f})[\p{Cc}\p{Cf}\p{Cs}\p{Zl}\p{Zp}\p{DI}]/u;

/** A multi-byte UTF-8 sequence (RFC 3629 section 4) in a string of bytes, or one byte that belongs to none. */
const UTF8_OR_BYTE =
  /([\xc2-\xdf][\x80-\xbf]|\xe0[\xa0-\xbf][\x80-\xbf]|[\xe1-\xec\xee\xef][\x80-\xbf]{2}|\xed[\x80-\x9f][\x80-\xbf]|\xf0[\x90-\xbf][\x80-\xbf]{2}|[\xf1-\xf3][\x80-\xbf]{3}|\xf4[\x80-\x8f][\x80-\xbf]{2})|[\x80-\xff]/g;

/** Characters that take two columns of a terminal: CJK, Hangul, full-width forms, emoji. */
const WIDE =
  /[\u{1100}-\u{115f}\u{2e80}-\u{a4cf}\u{a960}-\u{a97f}\u{ac00}-\u{d7a3}\u{f900}-\u{faff}\u{fe30}-\u{fe6f}\u{ff00}-\u{ff60}\u{ffe0}-\u{ffe6}\u{1f000}-\u{1faff}\u{20000}-\u{3fffd}]/u;

/** What nearly every name is made of: shown as it is, a column each. */
const PLAIN = /^[\x20-\x7e]*$/;

const CUT = '...';

/**
 * The only way for a peer's text to reach a screen, a log or an error: everything unsafe becomes visible as `\u{..}`,
 * bytes that are not UTF-8 as `\x..`. Applying it twice changes nothing more. `max` cuts to that many terminal columns.
 */
export function printable(text: string | Uint8Array, options: { readonly max?: number } = {}): string {
  const { max = Infinity } = options;
  const raw = typeof text === 'string' ? text : latin1Of(text);
  if (raw.length <= max && PLAIN.test(raw)) return raw;
  const characters = typeof text === 'string' ? text : decode(raw);
  const shown: string[] = [];
  let width = 0;
  for (const character of characters) {
    const piece = UNSAFE.test(character) ? escapeCharacter(character) : character;
    width += columns(piece);
    shown.push(piece);
    if (width > max) return cut(shown, max);
  }
  return shown.join('');
}

/** Columns that a text takes on a terminal, rather too many than too few: a combining mark counts as one. */
export function columns(text: string): number {
  let count = 0;
  for (const character of text) count += WIDE.test(character) ? 2 : 1;
  return count;
}

function escapeCharacter(character: string): string {
  return `\\u{${character.codePointAt(0)?.toString(16)}}`;
}

/** Drops whole pieces from the end until the mark of the cut fits too, so that no escape is halved. */
function cut(pieces: string[], max: number): string {
  const mark = CUT.slice(0, Math.max(0, max));
  let width = columns(pieces.join(''));
  while (width + mark.length > max && pieces.length > 0) width -= columns(pieces.pop() ?? '');
  return pieces.join('') + mark;
}

const latin1Of = (bytes: Uint8Array): string =>
  Buffer.from(bytes.buffer, bytes.byteOffset, bytes.byteLength).toString('latin1');

/** The text of UTF-8 whose bytes are given as characters. */
function decode(latin1: string): string {
  return latin1.replace(UTF8_OR_BYTE, (match, sequence?: string) =>
    sequence === undefined
      ? `\\x${match.charCodeAt(0).toString(16)}`
      : Buffer.from(sequence, 'latin1').toString('utf8'),
  );
}
