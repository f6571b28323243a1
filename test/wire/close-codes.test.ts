import { expect, test } from 'vitest';
import { CLOSE_CODE, closeCodeName } from '../../src/wire/close-codes.ts';

test('every code is found by its number, and no two share one', () => {
  expect(Object.values(CLOSE_CODE).map(closeCodeName)).toEqual(Object.keys(CLOSE_CODE));
});

test('a code of a later version has no name', () => {
  expect([14, 65_535].map(closeCodeName)).toEqual([undefined, undefined]);
});
