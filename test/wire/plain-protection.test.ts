import { expect, test } from 'vitest';
import { plainProtection } from '../../src/wire/plain-protection.ts';
import { PROTECTED, TAG_RESERVE, writeProtectedHeader } from '../../src/wire/protected-header.ts';

function sealed(frames: readonly number[]): Uint8Array {
  const out = new Uint8Array(100).fill(0xaa);
  const at = writeProtectedHeader(out, 0, { hi: 1, lo: 2 }, 3);
  out.set(frames, at);
  return out.slice(0, plainProtection.seal(out, 3, at + frames.length));
}

test('the tag fits where every protection must find room', () => {
  expect(plainProtection.tagLength).toBeLessThanOrEqual(TAG_RESERVE);
  expect(sealed([1]).length).toBe(PROTECTED.frames + 1 + plainProtection.tagLength);
});

test('opening gives the end of the frames and leaves the bytes alone', () => {
  const datagram = sealed([1, 0, 0]);
  const before = Uint8Array.from(datagram);
  expect(plainProtection.open(datagram, 3)).toBe(PROTECTED.frames + 3);
  expect(datagram).toEqual(before);
});

test('a packet without frames opens: whether that is allowed is for the frames to say', () => {
  expect(plainProtection.open(sealed([]), 3)).toBe(PROTECTED.frames);
});

test('anything shorter than a header and a tag does not open, whatever its last bytes are', () => {
  for (let length = 0; length < PROTECTED.frames + 4; length += 1) {
    const short = new Uint8Array(length);
    if (length >= 4) plainProtection.seal(short, 0, length - 4);
    expect(plainProtection.open(short, 0)).toBeUndefined();
  }
});
