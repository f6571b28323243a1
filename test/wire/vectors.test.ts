import { describe, expect, test } from 'vitest';
import { decodeFrames } from '../../src/wire/frames.ts';
import { decodePacket } from '../../src/wire/packet.ts';
import { plainProtection } from '../../src/wire/plain-protection.ts';
import { PROTECTED } from '../../src/wire/protected-header.ts';
import { codecFrame, codecPacket } from './codec.ts';
import { fromHex, fromJson, readVectors, toHex, toJson } from './vector-file.ts';

const file = readVectors();
const laidOut = [...file.packets, ...file.frames, ...file.messages];

test('no two vectors share a name', () => {
  const names = [...laidOut, ...file.malformed].map(({ name }) => name);
  expect(new Set(names).size).toBe(names.length);
});

test.each(laidOut)('the layout of $kind $name adds up to its bytes', ({ hex, layout }) => {
  expect(layout.map((row) => row[3]).join('')).toBe(hex);
  let next = 0;
  for (const [offset, width, , field] of layout) {
    expect(offset).toBe(next);
    expect(field.length).toBe(2 * width);
    next += width;
  }
});

describe('packets', () => {
  const { packets } = file;

  test.each(packets)('$name decodes to its fields', ({ kind, hex, fields }) => {
    const datagram = fromHex(hex);
    const decoded = decodePacket(datagram);
    if (decoded.kind !== 'protected') {
      expect(toJson(decoded)).toEqual({ kind, ...fields });
      return;
    }
    const { keyPhase, connectionId, packetNumber, frames, tag } = fields;
    expect(toJson(decoded)).toEqual({ kind: 'protected', keyPhase, connectionId, packetNumber });
    if (kind === 'protected-opaque') return;
    const end = plainProtection.open(datagram, decoded.packetNumber) ?? Number.NaN;
    expect(end).toBe(datagram.length - 4);
    expect(toHex(datagram.subarray(end))).toBe(tag);
    expect(toJson(decodeFrames(datagram, PROTECTED.frames, end))).toEqual(frames);
  });

  const ownWidth = (name: string): boolean => !/longer|padd|opaque$/.test(name) || /^(hello|accept)-noise/.test(name);
  test.each(packets.filter(({ name, kind }) => ownWidth(name) && kind !== 'unknown-version'))(
    '$name encodes from its fields',
    ({ kind, hex, fields }) => {
      expect(toHex(codecPacket(kind, fromJson(fields)))).toBe(hex);
    },
  );
});

describe('frames', () => {
  test.each(file.frames)('$name decodes to its fields', ({ kind, hex, fields }) => {
    const bytes = fromHex(hex);
    expect(toJson(decodeFrames(bytes, 0, bytes.length))).toEqual([{ kind, ...fields }]);
  });

  test.each(file.frames)('$name encodes from its fields', ({ kind, hex, fields }) => {
    expect(toHex(codecFrame({ kind, ...(fromJson(fields) as object) } as never))).toBe(hex);
  });
});

describe('malformed', () => {
  test.each(file.malformed.filter(({ kind }) => kind === 'packet'))('$name is refused: $reason', ({ hex, reason }) => {
    const datagram = fromHex(hex);
    const decoded = decodePacket(datagram);
    if (reason === 'tag') {
      expect(decoded.kind).toBe('protected');
      expect(plainProtection.open(datagram, 0)).toBeUndefined();
    } else {
      expect(decoded).toEqual({ kind: 'malformed', reason });
    }
  });

  test.each(file.malformed.filter(({ kind }) => kind === 'frames'))('$name is refused: $reason', ({ hex, reason }) => {
    const bytes = fromHex(hex);
    expect(decodeFrames(bytes, 0, bytes.length)).toEqual({ kind: 'malformed', reason });
  });
});
