import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { decodePacket, type Packet } from '../../src/wire/packet.ts';
import { plainProtection } from '../../src/wire/plain-protection.ts';
import { isFor, isProtectedPacket, readIdLow, readPacketNumber } from '../../src/wire/protected-header.ts';
import { handshakePacket, plainPacket } from './arbitraries.ts';
import { codecPacket } from './codec.ts';
import { bitwiseCrc32c, type Layout } from './layout.ts';
import { naiveDecodePacket } from './naive-decode.ts';
import {
  naiveAccept,
  naiveCookie,
  naiveFrame,
  naiveHello,
  naivePlainPacket,
  naiveRefuse,
  naiveVersion,
} from './naive-encode.ts';
import { fromHex, fromJson, readVectors, toHex, toJson } from './vector-file.ts';

type Handshake = Exclude<Packet, { kind: 'protected' }>;

function naive(packet: Handshake): Layout {
  switch (packet.kind) {
    case 'hello':
      return naiveHello(packet);
    case 'cookie':
      return naiveCookie(packet);
    case 'accept':
      return naiveAccept(packet);
    case 'version':
      return naiveVersion(packet);
    case 'refuse':
      return naiveRefuse(packet);
  }
}

/** Makes the CRC right again, so that what lies behind it is reached. */
function withCrc(datagram: Uint8Array): Uint8Array {
  if (datagram.length < 4) return datagram;
  const copy = Uint8Array.from(datagram);
  new DataView(copy.buffer).setUint32(copy.length - 4, bitwiseCrc32c(copy.subarray(0, -4)));
  return copy;
}

const packets = readVectors().packets;
const firstHello = fromJson(packets[0]?.fields);
const firstOfEach = [...new Map([...packets].reverse().map((vector) => [vector.kind, vector])).values()];

describe('round trips', () => {
  test('decoding gives back every handshake packet that was encoded', () => {
    fc.assert(
      fc.property(handshakePacket, (packet) => {
        expect(decodePacket(codecPacket(packet.kind, packet))).toEqual(packet);
      }),
    );
  });

  test('the codec writes every handshake packet as the naive encoder does', () => {
    fc.assert(
      fc.property(handshakePacket, (packet) => {
        expect(toHex(codecPacket(packet.kind, packet))).toBe(naive(packet).hex);
      }),
    );
  });

  test('the codec writes every plain packet as the naive encoder does, and its header comes back', () => {
    fc.assert(
      fc.property(plainPacket, (packet) => {
        const datagram = codecPacket('protected', packet);
        expect(toHex(datagram)).toBe(naivePlainPacket(packet, packet.frames.map(naiveFrame)).hex);
        const { frames: _, ...header } = packet;
        expect(decodePacket(datagram)).toEqual({ kind: 'protected', ...header });
        expect(isProtectedPacket(datagram)).toBe(true);
        expect(readPacketNumber(datagram)).toBe(header.packetNumber);
        const { hi, lo } = header.connectionId;
        expect(readIdLow(datagram)).toBe(lo);
        const strangers = [
          { hi, lo: lo ^ 1 },
          { hi: hi ^ 1, lo },
        ].map(({ hi, lo }) => ({ hi: hi >>> 0, lo: lo >>> 0 }));
        expect([{ hi, lo }, ...strangers].map((id) => isFor(datagram, id))).toEqual([true, false, false]);
        expect(plainProtection.open(datagram, packet.packetNumber)).toBe(datagram.length - 4);
      }),
    );
  });

  test('what was decoded of a handshake packet does not change with the datagram it came in', () => {
    fc.assert(
      fc.property(handshakePacket, (packet) => {
        const datagram = Buffer.from(codecPacket(packet.kind, packet));
        const decoded = decodePacket(datagram);
        datagram.fill(0xff);
        expect(decoded).toEqual(packet);
      }),
    );
  });
});

describe('any bytes', () => {
  test('a HELLO of another version says no more than who asks and how long it was', () => {
    fc.assert(
      fc.property(
        fc.integer({ min: 2, max: 255 }),
        fc.uint8Array({ minLength: 1200, maxLength: 1300 }),
        (version, noise) => {
          const datagram = withCrc(Uint8Array.from([1, version, ...noise.subarray(2)]));
          const { length } = datagram;
          const initiatorId = { hi: Buffer.from(datagram).readUInt32BE(6), lo: Buffer.from(datagram).readUInt32BE(10) };
          expect(decodePacket(datagram)).toEqual({ kind: 'unknown-version', version, initiatorId, length });
        },
      ),
    );
  });

  const header = fc.tuple(fc.constantFrom(0, 1, 2, 3, 4, 5, 6, 0x40, 0x41, 0x42, 0xff), fc.constantFrom(0, 1, 2));
  const length = fc.oneof(fc.nat({ max: 30 }), fc.constantFrom(15, 16, 19, 20, 23, 38, 126, 1199, 1200, 1201));
  const noise = fc
    .tuple(header, length, fc.boolean(), fc.infiniteStream(fc.nat({ max: 255 })), fc.boolean())
    .map(([start, size, zeros, stream, crc]) => {
      const bytes = Uint8Array.from([...start, ...(zeros ? new Uint8Array(size) : stream.take(size))]).subarray(
        0,
        size,
      );
      return crc ? withCrc(bytes) : bytes;
    });

  test('random bytes are judged as the naive decoder judges them', () => {
    fc.assert(
      fc.property(noise, (bytes) => {
        expect(toJson(decodePacket(bytes))).toEqual(naiveDecodePacket(bytes));
        expect(isProtectedPacket(bytes)).toBe(decodePacket(bytes).kind === 'protected');
      }),
    );
  });

  const change = fc.tuple(fc.nat({ max: 200 }), fc.nat({ max: 255 }));
  const cut = fc.integer({ min: -3, max: 3 });
  test('changed packets with a right CRC are judged as the naive decoder judges them', () => {
    fc.assert(
      fc.property(fc.constantFrom(...packets), fc.array(change, { maxLength: 3 }), cut, ({ hex }, changes, more) => {
        const bytes = new Uint8Array(hex.length / 2 + more);
        bytes.set(fromHex(hex).subarray(0, bytes.length));
        for (const [at, value] of changes) if (at < bytes.length) bytes[at] = value;
        const datagram = withCrc(bytes);
        expect(toJson(decodePacket(datagram))).toEqual(naiveDecodePacket(datagram));
      }),
      { numRuns: 500 },
    );
  });
});

describe('length', () => {
  test('a HELLO and a protected packet may be 65,507 bytes long and no longer', () => {
    const longest = withCrc(Uint8Array.from([...codecPacket('hello', firstHello), ...new Uint8Array(64_308)]));
    expect(longest.length).toBe(65_508);
    const shorter = withCrc(longest.subarray(0, -1));
    const sealed = (datagram: Uint8Array): Uint8Array => Uint8Array.from([0x40, ...datagram.subarray(1)]);
    expect([shorter, sealed(shorter)].map((datagram) => decodePacket(datagram).kind)).toEqual(['hello', 'protected']);
    const tooLong = { kind: 'malformed', reason: 'length' };
    expect([longest, sealed(longest)].map(decodePacket)).toEqual([tooLong, tooLong]);
    expect([sealed(shorter), sealed(longest)].map(isProtectedPacket)).toEqual([true, false]);
  });
});

describe('damage', () => {
  /** A handshake packet, or a protected one whose plain tag is right. */
  const isAccepted = (datagram: Uint8Array): boolean => {
    const { kind } = decodePacket(datagram);
    return kind === 'protected' ? plainProtection.open(datagram, 0) !== undefined : kind !== 'malformed';
  };

  test.each(firstOfEach)('no cut of $name is accepted', ({ hex }) => {
    const datagram = fromHex(hex);
    for (let length = 0; length < datagram.length; length += 1) {
      expect(isAccepted(datagram.subarray(0, length)), `${length} bytes`).toBe(false);
    }
  });

  test.each(packets)('no single flipped bit of $name is accepted', ({ hex }) => {
    const datagram = fromHex(hex);
    for (let bit = 0; bit < datagram.length * 8; bit += 1) {
      const before = datagram[bit >> 3] as number;
      datagram[bit >> 3] = before ^ (1 << (bit & 7));
      if (isAccepted(datagram)) expect.unreachable(`with bit ${bit} flipped`);
      datagram[bit >> 3] = before;
    }
  });
});
