import { describe, expect, test } from 'vitest';
import { encodeAbort, encodeOffer, encodeReceipt, offerFits } from '../../src/transfer/encode-message.ts';
import { MAX_BODY } from '../../src/transfer/message-layout.ts';
import { MAX_TEXT } from '../../src/transfer/text.ts';
import { readAll } from './codec.ts';

const component = (length: number): Uint8Array => new Uint8Array(length).fill(0x61);
const components = (count: number, length: number): Uint8Array[] =>
  Array.from({ length: count }, () => component(length));
const NOTHING = new Uint8Array(0);

// 24 fixed bytes, 1 for the count and 2 for the length of the target leave 4069 for the path.
describe('offerFits() tells which paths an offer can carry', () => {
  test.each([
    { name: 'one component', path: [component(1)], fits: true },
    { name: 'none', path: [], fits: false },
    { name: 'an empty one', path: [component(1), NOTHING], fits: false },
    { name: '64 components', path: components(64, 1), fits: true },
    { name: '65 components', path: components(65, 1), fits: false },
    { name: '255 bytes in one', path: [component(255)], fits: true },
    { name: '256 bytes in one', path: [component(256)], fits: false },
    { name: 'the longest body', path: [...components(15, 255), component(228)], fits: true },
    { name: 'one byte more', path: [...components(15, 255), component(229)], fits: false },
  ])('$name: $fits', ({ path, fits }) => {
    expect(offerFits({ path, target: NOTHING })).toBe(fits);
  });

  test('a long link target counts too', () => {
    expect(offerFits({ path: [component(1)], target: component(MAX_BODY - 29) })).toBe(true);
    expect(offerFits({ path: [component(1)], target: component(MAX_BODY - 28) })).toBe(false);
  });
});

test('the longest offer is read back', () => {
  const path = [...components(15, 255), component(228)];
  const offer = {
    kind: 'offer',
    entry: 0,
    entryKind: 'file',
    size: 1,
    mtime: 2,
    mode: 3,
    fresh: false,
    path,
    target: NOTHING,
  } as const;
  expect(readAll([encodeOffer(offer)]).messages).toEqual([offer]);
});

test('a modification time with a fraction is rounded down, not refused', () => {
  const offer = {
    kind: 'offer',
    entry: 0,
    entryKind: 'file',
    size: 1,
    mode: 3,
    fresh: false,
    path: [component(1)],
    target: NOTHING,
  } as const;
  expect(readAll([encodeOffer({ ...offer, mtime: -1.5 })]).messages).toMatchObject([{ mtime: -2 }]);
});

test('a text too long is cut, so that no text makes a message too long', () => {
  const abort = encodeAbort({ kind: 'abort', entry: 0, code: 1, text: component(100_000) });
  expect(readAll([abort]).messages).toMatchObject([{ kind: 'abort', text: component(MAX_TEXT) }]);
});

test('a receipt without a digest carries zeros', () => {
  const receipt = encodeReceipt({ kind: 'receipt', entry: 0, code: 4, size: 0, digest: NOTHING, text: NOTHING });
  expect(readAll([receipt]).messages).toMatchObject([{ kind: 'receipt', digest: new Uint8Array(32) }]);
});
