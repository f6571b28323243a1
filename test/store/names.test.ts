import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { checkName } from '../../src/store/names.ts';
import { anyString } from '../any-string.ts';
import { NAME_ROWS, nameBytes } from './name-rows.ts';

const encoder = new TextEncoder();
const check = (name: string, options: Parameters<typeof checkName>[1] = {}) => {
  const verdict = checkName(encoder.encode(name), { platform: 'posix', ...options });
  return verdict.ok ? 'accept' : verdict.reason;
};

describe('the name corpus', () => {
  test('has rows of every class', () => {
    const classes = [...new Set(NAME_ROWS.map((row) => row.class))].sort().join(' ');
    expect(classes).toBe('abs case ctl dev hid len raw sh trail trav uni win');
  });

  test.each(NAME_ROWS)('$why: posix $posix, win32 $win32', (row) => {
    for (const platform of ['posix', 'win32'] as const) {
      const verdict = checkName(nameBytes(row), { platform });
      expect(verdict.ok ? 'accept' : `reject:${verdict.reason}`).toBe(row[platform]);
    }
  });
});

describe('checkName', () => {
  test.each([
    ['.bashrc', 'accept'],
    ['..foo', 'accept'],
    ['.', 'dot'],
    ['..', 'dot'],
    ['.udpcp-00.part', 'own'],
    ['.UdpCp-', 'own'],
  ])('with hidden names allowed, %j is %s', (name, expected) => {
    expect(check(name, { allowHidden: true })).toBe(expected);
  });

  test('a name of 240 units is the longest on Windows', () => {
    expect(check('\u00e9'.repeat(127), { platform: 'win32' })).toBe('accept');
    expect(check('a'.repeat(240), { platform: 'win32' })).toBe('accept');
    expect(check('a'.repeat(241), { platform: 'win32' })).toBe('length');
    expect(check('a'.repeat(255), { platform: 'posix' })).toBe('accept');
  });

  test('an accepted name is byte for byte the one that came', () => {
    const anyBytes = fc.oneof(
      fc.uint8Array({ maxLength: 300 }),
      anyString({ maxLength: 80 }).map((name) => encoder.encode(name)),
    );
    fc.assert(
      fc.property(
        anyBytes,
        fc.constantFrom('posix' as const, 'win32' as const),
        fc.boolean(),
        (bytes, platform, allowHidden) => {
          const verdict = checkName(bytes, { platform, allowHidden });
          if (verdict.ok) expect(encoder.encode(verdict.name)).toEqual(bytes);
        },
      ),
      { numRuns: 5_000 },
    );
  });

  const FORBIDDEN = [
    ['separator', ['/', '\\']],
    ['nul', ['\0']],
    ['control', ['\n', '\r', '\x1b', '\x7f', '\x85', '\x9b', '\u061c', '\u200e', '\u202e', '\u2066', '\u2069']],
    [
      'control',
      ['\u200b', '\u2060', '\u2064', '\ufeff', '\u2028', '\u2029', '\ufff9', '\u{e0001}', '\uffff', '\ufdd0'],
    ],
  ] as const;
  test.each(FORBIDDEN)('%s wherever it stands in a harmless name', (reason, characters) => {
    const harmless = fc.string({ unit: fc.constantFrom('a', '7', '\u00e9', '\u6f22', ' ', '-'), maxLength: 20 });
    fc.assert(
      fc.property(harmless, fc.constantFrom(...characters), harmless, (before, forbidden, after) => {
        expect(check(before + forbidden + after)).toBe(reason);
      }),
    );
  });

  test('Windows devices in any case, with any extension and any spaces after the stem', () => {
    const device = fc.constantFrom(
      'CON',
      'PRN',
      'AUX',
      'NUL',
      'COM1',
      'LPT0',
      'COM\u00b2',
      'LPT\u00b3',
      'CONIN$',
      'CONOUT$',
    );
    const cased = fc
      .tuple(device, fc.array(fc.boolean(), { minLength: 7, maxLength: 7 }))
      .map(([name, lower]) => Array.from(name, (char, i) => (lower[i] ? char.toLowerCase() : char)).join(''));
    const tail = fc.tuple(fc.constantFrom('', ' ', '   '), fc.constantFrom('.txt', '.a.b', '.tar.gz'));
    fc.assert(
      fc.property(cased, tail, (name, [spaces, extension]) => {
        expect(check(name + spaces + extension, { platform: 'win32' })).toBe('win-device');
        expect(check(name + spaces + extension, { platform: 'posix' })).toBe('accept');
        expect(check(`x${name}${extension}`, { platform: 'win32' })).toBe('accept');
      }),
    );
  });
});
