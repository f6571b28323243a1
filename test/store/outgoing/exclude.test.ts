import { expect, test } from 'vitest';
import { excluding } from '../../../src/store/outgoing/exclude.ts';

test.each([
  ['*.o', 'a.o', true],
  ['*.o', 'deep/down/a.o', true],
  ['*.o', 'a.o.txt', false],
  ['*', '.hidden', true],
  ['b', 'a/b', true],
  ['b', 'a/bb', false],
  ['a/b', 'a/b', true],
  ['a/b', 'x/a/b', false],
  ['/a', 'a', true],
  ['/a', 'x/a', false],
  ['**/b', 'x/y/b', true],
  ['a/*', 'a/b', true],
  ['a/*', 'a/b/c', false],
  ['a/**', 'a/b/c', true],
  ['build/', 'build/', true],
  ['build/', 'x/build/', true],
  ['build/', 'build', false],
  ['a/build/', 'a/build/', true],
  ['{a,b}.txt', 'b.txt', true],
  ['[ab]', 'a', true],
  ['A', 'a', false],
  ['!a', 'b', false],
  ['!a', '!a', true],
  ['\\*', '*', true],
  ['\\*', 'a', false],
])('%s and %s: %s', async (pattern, path, expected) => {
  const exclude = await excluding(['never', pattern]);
  const components = path.split('/').filter((component) => component !== '');
  expect(exclude(components, path.endsWith('/'))).toBe(expected);
});

test.each(['', '/', '//'])('%j names nothing', async (pattern) => {
  await expect(excluding([pattern])).rejects.toMatchObject({ code: 'ERR_USAGE' });
});
