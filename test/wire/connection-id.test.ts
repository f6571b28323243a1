import { expect, test } from 'vitest';
import { type ConnectionId, idToHex, readId, sameId, writeId } from '../../src/wire/connection-id.ts';

const IDS: { id: ConnectionId; hex: string }[] = [
  { id: { hi: 0, lo: 0 }, hex: '0000000000000000' },
  { id: { hi: 0, lo: 1 }, hex: '0000000000000001' },
  { id: { hi: 0x80000000, lo: 0x0000000f }, hex: '800000000000000f' },
  { id: { hi: 0xffffffff, lo: 0xffffffff }, hex: 'ffffffffffffffff' },
];

test.each(IDS)('$hex is written, read and shown alike', ({ id, hex }) => {
  const out = new Uint8Array(10).fill(0xaa);
  writeId(out, 1, id);
  expect(Buffer.from(out).toString('hex')).toBe(`aa${hex}aa`);
  expect(readId(out, 1)).toEqual(id);
  expect(idToHex(id)).toBe(hex);
});

test('ids are the same only when both halves are', () => {
  const same = IDS.map(({ id: a }) => IDS.map(({ id: b }) => sameId(a, { ...b })));
  expect(same).toEqual(IDS.map((_, row) => IDS.map((__, column) => row === column)));
  expect(sameId({ hi: 1, lo: 2 }, { hi: 2, lo: 2 })).toBe(false);
});
