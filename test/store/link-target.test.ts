import { describe, expect, test } from 'vitest';
import { checkTarget } from '../../src/store/link-target.ts';

/** The verdict on a link at a path of so many components. */
function verdict(target: string | Uint8Array, depth: number): string {
  const checked = checkTarget(typeof target === 'string' ? Buffer.from(target) : target, depth);
  return checked.ok ? 'taken' : checked.words;
}

describe('a link', () => {
  test.each([
    ['a', 2],
    ['./a', 2],
    ['a/b/c', 2],
    ['a//b/', 2],
    ['.', 2],
    ['..', 3],
    ['../x', 3],
    ['./../x', 3],
    ['../../x', 4],
    ['..a/...', 2],
    ['\u05e9', 2],
    ['a'.repeat(4095), 2],
  ])('to %s at depth %d is taken', (target, depth) => {
    expect(verdict(target, depth)).toBe('taken');
  });

  test.each([
    ['', 2, 'leads nowhere'],
    ['/', 2, 'has an absolute target'],
    ['/etc/passwd', 64, 'has an absolute target'],
    ['..', 2, 'points outside of what is sent'],
    ['../x', 2, 'points outside of what is sent'],
    ['../../x', 3, 'points outside of what is sent'],
    ['../../../x', 4, 'points outside of what is sent'],
    ['a/..', 9, 'has a target that goes down and up again'],
    ['a/../../..', 3, 'has a target that goes down and up again'],
    ['../a/..', 9, 'has a target that goes down and up again'],
    ['a', 1, 'is not inside a directory that is sent'],
    ['..', 1, 'points outside of what is sent'],
    ['a\nb', 2, 'has a target with a control or invisible character'],
    ['a\0b', 2, 'has a target with a control or invisible character'],
    ['a\u202eb', 2, 'has a target with a control or invisible character'],
    ['a'.repeat(4096), 2, 'has a target that is too long'],
  ])('to %j at depth %d %s', (target, depth, words) => {
    expect(verdict(target, depth)).toBe(words);
  });

  test('to bytes that are no text is refused', () => {
    expect(verdict(new Uint8Array([0x61, 0xff]), 2)).toBe('has a target that is not UTF-8');
  });
});
