import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { numberedName } from '../../src/store/exists-policy.ts';
import { checkName } from '../../src/store/names.ts';

describe('numberedName', () => {
  test.each([
    ['report.pdf', 1, 'report (1).pdf'],
    ['report', 2, 'report (2)'],
    ['archive.tar.gz', 3, 'archive.tar (3).gz'],
    ['.bashrc', 1, '.bashrc (1)'],
    ['a.', 1, 'a (1).'],
    ['report (1).pdf', 1, 'report (1) (1).pdf'],
    [`a.${'x'.repeat(100)}`, 1, `a.${'x'.repeat(100)} (1)`],
    ['a'.repeat(255), 1, `${'a'.repeat(251)} (1)`],
    [`${'\u6f22'.repeat(83)}.x`, 10, `${'\u6f22'.repeat(82)} (10).x`],
  ])('%s, %i', (name, number, expected) => {
    expect(numberedName(name, number)).toBe(expected);
  });

  test('of an accepted name is an accepted name, and another for every number', () => {
    const names = fc
      .string({ unit: 'grapheme', minLength: 1, maxLength: 255 })
      .filter((name) => checkName(Buffer.from(name), { platform: 'posix', allowHidden: true }).ok);
    fc.assert(
      fc.property(names, fc.integer({ min: 1, max: 9_998 }), (name, number) => {
        const numbered = numberedName(name, number);
        expect(checkName(Buffer.from(numbered), { platform: 'posix', allowHidden: true })).toEqual({
          ok: true,
          name: numbered,
        });
        expect(numberedName(name, number + 1)).not.toBe(numbered);
      }),
    );
  });
});
