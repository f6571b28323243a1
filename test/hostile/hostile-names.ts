import { SeededPrng } from '../../src/base/prng.ts';
import { NAME_ROWS, nameBytes } from '../store/name-rows.ts';

const utf8 = (text: string): Buffer => Buffer.from(text);

/** What names are made from: everything that some system, some screen or some code takes for something else. */
const PIECES: readonly Buffer[] = [
  ...['.', '..', '...', ' ', '/', '//', '\\', '\0', '\n', '\x1b[2J', '\x7f', '\u0085', '~', '-', '*', '?', ':', '|'],
  ...['x', 'out', 'out-evil', '.ssh', 'authorized_keys', 'etc', 'passwd', '.udpcp-', '.part', '.journal', ' (1)'],
  ...['%2f', '%2e%2e', '&#47;', '\\u002f', 'C:', 'PROGRA~1', 'LONGFI~2.TXT', 'aux', 'NUL.txt', 'com1', 'CON '],
  ...[
    '\u00e9',
    'e\u0301',
    '\u00c5',
    'A\u030a',
    '\u212b',
    '\ufb01',
    'fi',
    'stra\u00dfe',
    'strasse',
    'STRASSE',
    '\u0130',
    'i\u0307',
  ],
  ...[
    '\u202e',
    '\u2066',
    '\u200f',
    '\u061c',
    '\u200b',
    '\u200c',
    '\u200d',
    '\ufeff',
    '\u2028',
    '\u00ad',
    '\u{e0041}',
    '\u3164',
  ],
  ...['\u2215', '\u2044', '\uff0f', '\u29f5', '\u2024\u2024', '\u05d0', '\u0627', '\u{1f468}\u200d\u{1f469}', '\ufe0f'],
]
  .map((piece) => utf8(piece))
  .concat(['c0af', 'e080af', 'c0ae', 'eda080', 'f8', 'ff', 'f4908080', '80'].map((hex) => Buffer.from(hex, 'hex')));

/** Lengths at which file systems and protocols end. */
const LONG = [200, 240, 254, 255, 256, 300, 1000];

/** The corpus, and so many more that a seed repeats. */
export function hostileNames(count: number, seed: number): Buffer[] {
  const prng = new SeededPrng(seed, 'names');
  const below = (limit: number): number => Math.floor(prng.next() * limit);
  const piece = (): Buffer => PIECES[below(PIECES.length)] ?? Buffer.alloc(0);
  const made = Array.from({ length: count }, () => {
    const pieces = Array.from({ length: 1 + below(5) }, piece);
    if (below(10) > 0) return Buffer.concat(pieces);
    const filler = piece();
    const length = LONG[below(LONG.length)] ?? 255;
    return Buffer.concat([
      ...pieces,
      ...Array.from({ length: Math.ceil(length / filler.length) }, () => filler),
    ]).subarray(0, length);
  });
  return [...NAME_ROWS.map((row) => Buffer.from(nameBytes(row))), ...made];
}

/** Paths of more than one such component. */
export function hostilePaths(count: number, seed: number): Buffer[][] {
  const names = hostileNames(3 * count, seed).slice(-3 * count);
  const prng = new SeededPrng(seed, 'paths');
  const climbs = ['..', '.', '', 'x', '.ssh', 'out'].map(utf8);
  return Array.from({ length: count }, (_, i) =>
    names
      .slice(3 * i, 3 * i + 3)
      .map((name) => (prng.next() < 0.5 ? name : (climbs[Math.floor(prng.next() * 6)] as Buffer))),
  );
}
