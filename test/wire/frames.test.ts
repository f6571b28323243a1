import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { ackLength, encodeAck } from '../../src/wire/ack-frame.ts';
import { closeLength, encodeClose, MAX_CLOSE_REASON } from '../../src/wire/close-frame.ts';
import { CREDIT_LENGTH } from '../../src/wire/credit-frame.ts';
import { DATA_HEADER, dataLength } from '../../src/wire/data-frame.ts';
import { decodeFrames, encodePad, type Frame, isAckEliciting, PING_LENGTH } from '../../src/wire/frames.ts';
import { PATH_LENGTH } from '../../src/wire/path-frame.ts';
import * as arbitrary from './arbitraries.ts';
import { codecFrame, writeFrame } from './codec.ts';
import { naiveDecodeFrames } from './naive-decode.ts';
import { naiveFrame } from './naive-encode.ts';
import { fromHex, readVectors, toHex, toJson } from './vector-file.ts';

const vectors = readVectors().frames;
const padding = fc.array(fc.nat({ max: 20 }), { minLength: 7, maxLength: 7 });

/** The length that the exported constants and functions promise for a frame. */
function promisedLength(frame: Frame): number {
  switch (frame.kind) {
    case 'ping':
      return PING_LENGTH;
    case 'ack':
      return ackLength(frame.ranges.length);
    case 'data':
      return dataLength(frame.bytes.length);
    case 'credit':
      return CREDIT_LENGTH;
    case 'close':
      return closeLength(frame.reason.length);
    default:
      return PATH_LENGTH;
  }
}

describe('round trips', () => {
  test('decoding gives back the frames that were encoded, wherever they stand and however they are padded', () => {
    fc.assert(
      fc.property(arbitrary.frames, padding, fc.nat({ max: 20 }), (frames, pads, start) => {
        const out = new Uint8Array(20_000).fill(0xaa);
        let end = encodePad(out, start, start + (pads[0] ?? 0));
        for (const [index, frame] of frames.entries()) {
          end = writeFrame(out, end, frame);
          end = encodePad(out, end, end + (pads[index + 1] ?? 0));
        }
        expect(decodeFrames(out, start, end)).toEqual(frames);
      }),
    );
  });

  test('the codec writes every frame as the naive encoder does, in the length it promises', () => {
    fc.assert(
      fc.property(arbitrary.frame, (frame) => {
        const bytes = codecFrame(frame);
        expect(toHex(bytes)).toBe(naiveFrame(frame).hex);
        expect(bytes.length).toBe(promisedLength(frame));
      }),
    );
  });

  test('padding alone is an area without frames, not a malformed one', () => {
    expect(decodeFrames(new Uint8Array(9), 0, 9)).toEqual([]);
  });

  test('the payload of DATA is a view, everything else is a copy', () => {
    const out = Buffer.alloc(200);
    let end = writeFrame(out, 0, { kind: 'data', fin: false, offset: 0, bytes: fromHex('0102') });
    end = writeFrame(out, end, { kind: 'path-challenge', token: fromHex('0102030405060708') });
    end = writeFrame(out, end, { kind: 'close', code: 1, reason: fromHex('41') });
    const frames = decodeFrames(out, 0, end);
    out.fill(0xff);
    expect(toJson(frames)).toEqual([
      { kind: 'data', fin: false, offset: 0, bytes: 'ffff' },
      { kind: 'path-challenge', token: '0102030405060708' },
      { kind: 'close', code: 1, reason: '41' },
    ]);
  });
});

describe('any bytes', () => {
  test('random bytes are judged as the naive decoder judges them', () => {
    const likely = fc.array(fc.oneof(fc.nat({ max: 8 }), fc.nat({ max: 255 })), { maxLength: 80 });
    fc.assert(
      fc.property(likely, (list) => {
        const bytes = Uint8Array.from(list);
        expect(toJson(decodeFrames(bytes, 0, bytes.length))).toEqual(naiveDecodeFrames(bytes));
      }),
      { numRuns: 2000 },
    );
  });

  const change = fc.tuple(fc.nat({ max: 600 }), fc.oneof(fc.constantFrom(0, 1, 0xff), fc.nat({ max: 255 })));
  test('changed and joined frames are judged as the naive decoder judges them', () => {
    const some = fc.array(fc.constantFrom(...vectors), { minLength: 1, maxLength: 3 });
    fc.assert(
      fc.property(some, fc.array(change, { maxLength: 4 }), (list, changes) => {
        const bytes = fromHex(list.map(({ hex }) => hex).join(''));
        for (const [at, value] of changes) if (at < bytes.length) bytes[at] = value;
        expect(toJson(decodeFrames(bytes, 0, bytes.length))).toEqual(naiveDecodeFrames(bytes));
      }),
      { numRuns: 1000 },
    );
  });

  test.each(vectors)(
    '$name cut short anywhere is malformed, and its neighbour in the buffer is not read',
    ({ hex }) => {
      const bytes = fromHex(hex);
      for (let end = 0; end < bytes.length; end += 1) {
        expect(decodeFrames(bytes, 0, end)).toEqual({ kind: 'malformed', reason: end === 0 ? 'empty' : 'truncated' });
      }
    },
  );

  test('a datagram full of PINGs makes no object for each', () => {
    const frames = decodeFrames(new Uint8Array(65_000).fill(1), 0, 65_000);
    expect(new Set(frames as Frame[]).size).toBe(1);
  });
});

describe('encoding at the edges', () => {
  const decoded = (ack: Parameters<typeof encodeAck>[2]): unknown => {
    const out = new Uint8Array(1000);
    return decodeFrames(out, 0, encodeAck(out, 0, ack));
  };

  test('an ack delay beyond 32 bits of microseconds, or below zero, saturates', () => {
    const ack = { largest: 5, cumulative: 0, ranges: [{ start: 5, end: 6 }] };
    expect(decoded({ ...ack, ackDelay: 1e9 })).toEqual([{ kind: 'ack', ...ack, ackDelay: 4_294_967.295 }]);
    expect(decoded({ ...ack, ackDelay: -1 })).toEqual([{ kind: 'ack', ...ack, ackDelay: 0 }]);
  });

  test('a range beyond 32 bits is cut at its old end, and what is older still keeps its place', () => {
    const end = 2 ** 40;
    const longest = 2 ** 32 - 1;
    const older = { start: end - longest - 900, end: end - longest - 800 };
    const ranges = [{ start: end - 3, end }, { start: end - longest - 600, end: end - 5 }, older];
    const cut = [ranges[0], { start: end - 5 - longest, end: end - 5 }, older];
    const ack = { largest: end - 1, ackDelay: 0, cumulative: 0 };
    expect(decoded({ ...ack, ranges })).toEqual([{ kind: 'ack', ...ack, ranges: cut }]);
  });

  test('a gap beyond 32 bits ends the ranges', () => {
    const ranges = [
      { start: 2 ** 40, end: 2 ** 40 + 1 },
      { start: 1, end: 2 },
    ];
    const ack = { largest: 2 ** 40, ackDelay: 0, cumulative: 0 };
    expect(decoded({ ...ack, ranges })).toEqual([{ kind: 'ack', ...ack, ranges: ranges.slice(0, 1) }]);
  });

  test('ranges beyond the sixty-fourth are left out', () => {
    const ranges = Array.from({ length: 80 }, (_, index) => ({ start: 1000 - 2 * index, end: 1001 - 2 * index }));
    const ack = { largest: 1000, ackDelay: 0, cumulative: 0 };
    expect(decoded({ ...ack, ranges })).toEqual([{ kind: 'ack', ...ack, ranges: ranges.slice(0, 64) }]);
  });

  test('a close reason is cut to 255 bytes', () => {
    const out = new Uint8Array(1000);
    const end = encodeClose(out, 0, 1, new Uint8Array(300).fill(0x41));
    expect(end).toBe(closeLength(MAX_CLOSE_REASON));
    expect(decodeFrames(out, 0, end)).toEqual([{ kind: 'close', code: 1, reason: new Uint8Array(255).fill(0x41) }]);
  });

  test('the header of DATA leaves its payload to the caller', () => {
    expect(codecFrame({ kind: 'data', fin: true, offset: 0, bytes: new Uint8Array(0) })).toHaveLength(DATA_HEADER);
  });
});

test('only ACK and CLOSE ask for no acknowledgement', () => {
  const silent = new Set(
    vectors
      .map(({ hex }) => decodeFrames(fromHex(hex), 0, hex.length / 2) as Frame[])
      .flatMap((list) => list.filter((f) => !isAckEliciting(f)).map(({ kind }) => kind)),
  );
  expect(silent).toEqual(new Set(['ack', 'close']));
});
