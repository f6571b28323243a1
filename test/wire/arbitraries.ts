import fc from 'fast-check';
import type { Accept } from '../../src/wire/accept.ts';
import type { Ack } from '../../src/wire/ack-frame.ts';
import type { ConnectionId } from '../../src/wire/connection-id.ts';
import type { Cookie } from '../../src/wire/cookie.ts';
import type { Frame } from '../../src/wire/frames.ts';
import type { Hello } from '../../src/wire/hello.ts';
import type { Refuse } from '../../src/wire/refuse.ts';
import type { Terms } from '../../src/wire/terms.ts';
import type { Version } from '../../src/wire/version.ts';
import type { PlainPacket } from './codec.ts';

// Every valid value of the wire's types, edges included.

const uint32 = fc.nat({ max: 2 ** 32 - 1 });
const offset = fc.maxSafeNat();
const packetNumber = fc.oneof(
  fc.nat({ max: 2 ** 20 }),
  fc.maxSafeNat().map((n) => n % 2 ** 48),
);
const bytesOf = (length: number): fc.Arbitrary<Uint8Array> => fc.uint8Array({ minLength: length, maxLength: length });
const nonZero = (length: number): fc.Arbitrary<Uint8Array> =>
  bytesOf(length).filter((bytes) => bytes.some((b) => b !== 0));

const connectionId: fc.Arbitrary<ConnectionId> = fc.record({ hi: uint32, lo: uint32 });

const protection: fc.Arbitrary<Pick<Terms, 'protection' | 'suite' | 'keyAgreement'>> = fc.oneof(
  fc.constant({ protection: 'plain' as const, suite: 0, keyAgreement: new Uint8Array(80) }),
  fc.record({
    protection: fc.constantFrom('noise' as const, 'noise-psk' as const),
    suite: fc.constant(1),
    keyAgreement: bytesOf(80),
  }),
);

/** What only an ACCEPT may have: the key agreement of an acceptor that proves an identity. */
const proven: typeof protection = fc.record({
  protection: fc.constantFrom('noise' as const, 'noise-psk' as const),
  suite: fc.constant(1),
  keyAgreement: bytesOf(176),
});

const limits = fc.record({
  arq: fc.constantFrom('stop-and-wait' as const, 'go-back-n' as const, 'selective-repeat' as const),
  window: fc.integer({ min: 1, max: 1_048_576 }),
  maxDatagram: fc.integer({ min: 1200, max: 65_507 }),
  idleTimeout: fc.integer({ min: 1000, max: 86_400_000 }),
  credit: offset,
  maxAckDelay: fc.integer({ min: 0, max: 1000 }),
});

const hello: fc.Arbitrary<Hello> = fc
  .tuple(protection, limits, connectionId, fc.option(nonZero(24), { nil: undefined }))
  .map(([chosen, limited, initiatorId, cookie]) => ({ kind: 'hello', ...chosen, ...limited, initiatorId, cookie }));

const accept: fc.Arbitrary<Accept> = fc
  .tuple(fc.oneof(protection, proven), limits, connectionId, connectionId)
  .map(([chosen, limited, initiatorId, acceptorId]) => ({
    kind: 'accept',
    ...chosen,
    ...limited,
    initiatorId,
    acceptorId,
  }));

const cookie: fc.Arbitrary<Cookie> = fc.record({
  kind: fc.constant('cookie'),
  initiatorId: connectionId,
  cookie: nonZero(24),
});

const version: fc.Arbitrary<Version> = fc.record({
  kind: fc.constant('version'),
  initiatorId: connectionId,
  versions: fc.array(fc.nat({ max: 255 }), { minLength: 1, maxLength: 8 }),
});

const refuse: fc.Arbitrary<Refuse> = fc.record({
  kind: fc.constant('refuse'),
  initiatorId: connectionId,
  reason: fc.nat({ max: 65_535 }),
});

/** Every handshake packet. */
export const handshakePacket = fc.oneof(hello, cookie, accept, version, refuse);

const small = fc.integer({ min: 1, max: 50 });
const ackDelay = uint32.map((micros) => micros / 1000);

/** Built from the oldest range up, so that nothing can underflow. */
const ack: fc.Arbitrary<Ack> = fc
  .tuple(packetNumber, fc.array(fc.tuple(small, small), { minLength: 1, maxLength: 64 }), ackDelay, offset)
  .map(([lowest, steps, delay, cumulative]) => {
    const span = steps.reduce((sum, [gap, length]) => sum + gap + length, 0);
    let next = Math.min(lowest, 2 ** 48 - 1 - span);
    const ranges = steps.map(([gap, length]) => {
      const start = next;
      next = start + length + gap;
      return { start, end: start + length };
    });
    ranges.reverse();
    return { kind: 'ack', largest: (ranges[0]?.end ?? 0) - 1, ackDelay: delay, cumulative, ranges };
  });

const data = fc.tuple(fc.boolean(), offset, fc.uint8Array({ maxLength: 300 })).map(([fin, at, bytes]) => ({
  kind: 'data' as const,
  fin: fin || bytes.length === 0,
  offset: Math.min(at, Number.MAX_SAFE_INTEGER - bytes.length),
  bytes,
}));

const otherFrame: fc.Arbitrary<Frame> = fc.oneof(
  fc.constant({ kind: 'ping' as const }),
  ack,
  fc.record({ kind: fc.constant('credit' as const), maximum: offset }),
  fc.record({ kind: fc.constantFrom('path-challenge' as const, 'path-response' as const), token: bytesOf(8) }),
  fc.record({
    kind: fc.constant('close' as const),
    code: fc.nat({ max: 65_535 }),
    reason: fc.uint8Array({ maxLength: 255 }),
  }),
);

/** One frame of any kind. */
export const frame: fc.Arbitrary<Frame> = fc.oneof(data, otherFrame);

/** A packet's frames: any of them in any order, DATA at most once. */
export const frames: fc.Arbitrary<Frame[]> = fc
  .tuple(fc.array(otherFrame, { maxLength: 5 }), fc.option(data, { nil: undefined }), fc.nat({ max: 5 }))
  .map(([others, one, at]): Frame[] =>
    one === undefined ? others : [...others.slice(0, at), one, ...others.slice(at)],
  )
  .filter((list) => list.length > 0);

export const plainPacket: fc.Arbitrary<PlainPacket> = fc.record({
  keyPhase: fc.constantFrom(0 as const, 1 as const),
  connectionId,
  packetNumber,
  frames,
});
