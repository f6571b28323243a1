import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import type { SessionProtection } from '../../src/session/key-agreement.ts';
import { PROTECTED, TAG_RESERVE, writeProtectedHeader } from '../../src/wire/protected-header.ts';
import { flipped, KEY, protections } from './shake-hands.ts';

const ID = { hi: 0x01234567, lo: 0x89abcdef };

/** A sealed datagram in memory of its own. */
function sealed(by: SessionProtection, packetNumber: number, frames: Uint8Array): Uint8Array {
  const out = new Uint8Array(PROTECTED.frames + frames.length + TAG_RESERVE);
  const at = writeProtectedHeader(out, 0, ID, packetNumber);
  out.set(frames, at);
  return out.slice(0, by.seal(out, packetNumber, at + frames.length));
}

const ramp = (length: number): Uint8Array => Uint8Array.from({ length }, (_, at) => at * 7);

describe.each([
  { name: 'noise', key: undefined },
  { name: 'noise-psk', key: KEY },
])('$name', ({ key }) => {
  test('what one end seals the other opens, in both directions', () => {
    const ends = protections({ key });
    const frames = fc.uint8Array({ minLength: 1, maxLength: 1500, size: 'max' });
    let number = 0;
    fc.assert(
      fc.property(frames, fc.nat(2 ** 30), fc.boolean(), (bytes, jump, forth) => {
        number += 1 + jump;
        const [from, to] = forth ? [ends.initiator, ends.acceptor] : [ends.acceptor, ends.initiator];
        const datagram = sealed(from, number, bytes);
        const header = datagram.slice(0, PROTECTED.frames);
        expect(datagram.length).toBe(PROTECTED.frames + bytes.length + from.tagLength);
        expect(to.open(datagram, number)).toBe(PROTECTED.frames + bytes.length);
        expect(datagram.slice(0, PROTECTED.frames)).toEqual(header);
        expect(datagram.slice(PROTECTED.frames, PROTECTED.frames + bytes.length)).toEqual(bytes);
      }),
    );
  });

  test('a datagram with any bit flipped does not open', () => {
    const { initiator, acceptor } = protections({ key });
    [1, 13, 100, 1169].forEach((length, number) => {
      const datagram = sealed(initiator, number, ramp(length));
      for (let bit = 0; bit < 8 * datagram.length; bit++) {
        expect(acceptor.open(flipped(datagram, bit), number)).toBeUndefined();
      }
      expect(acceptor.open(datagram, number)).toBe(PROTECTED.frames + length);
    });
  });

  test('datagrams that come one after another in the same bytes are opened each for itself', () => {
    const { initiator, acceptor } = protections({ key });
    const place = new Uint8Array(2000);
    const views = [1200, 1200, 1300, 1200].map((length, number) => {
      const datagram = sealed(initiator, number, ramp(length));
      return { number, datagram, at: number === 3 ? 100 : 0 };
    });
    let last = place.subarray(0, 0);
    for (const { number, datagram, at } of views) {
      place.set(datagram, at);
      if (last.length !== datagram.length || at > 0) last = place.subarray(at, at + datagram.length);
      const end = acceptor.open(last, number);
      expect(end).toBe(datagram.length - TAG_RESERVE);
      expect(last.slice(PROTECTED.frames, end)).toEqual(ramp(datagram.length - PROTECTED.frames - TAG_RESERVE));
      expect(acceptor.open(last, number)).toBeUndefined(); // it is open already
    }
  });

  test('a datagram with its tag cut or grown does not open, nor one shorter than header and tag', () => {
    const { initiator, acceptor } = protections({ key });
    const datagram = sealed(initiator, 1, ramp(40));
    for (let length = 0; length < datagram.length; length++) {
      expect(acceptor.open(datagram.slice(0, length), 1)).toBeUndefined();
    }
    for (let more = 1; more <= 16; more++) {
      expect(acceptor.open(Uint8Array.from([...datagram, ...new Uint8Array(more)]), 1)).toBeUndefined();
    }
    expect(acceptor.open(datagram, 1)).toBe(PROTECTED.frames + 40);
  });

  test('a datagram does not open under another number, in another session, or at the end that sealed it', () => {
    const ends = protections({ key });
    const others = protections({ key });
    const datagram = sealed(ends.initiator, 1, ramp(40));
    const others1 = sealed(others.initiator, 1, ramp(40));
    expect(ends.acceptor.open(datagram.slice(), 2)).toBeUndefined();
    expect(others.acceptor.open(datagram.slice(), 1)).toBeUndefined();
    expect(ends.acceptor.open(others1.slice(), 1)).toBeUndefined();
    expect(ends.initiator.open(datagram.slice(), 1)).toBeUndefined();
    expect(ends.acceptor.open(datagram, 1)).toBe(PROTECTED.frames + 40);
  });
});

test('any bytes at all do not open, and do not throw', () => {
  const { acceptor } = protections();
  fc.assert(
    fc.property(fc.uint8Array({ maxLength: 200, size: 'max' }), fc.nat(2 ** 48 - 1), (bytes, number) => {
      expect(acceptor.open(bytes, number)).toBeUndefined();
    }),
  );
});

test.each(['Uint8Array', 'Buffer'])(
  'seals and opens where the datagram lies in a larger %s, and touches nothing else',
  (kind) => {
    const { initiator, acceptor } = protections();
    const memory = kind === 'Buffer' ? Buffer.alloc(400, 0xee) : new Uint8Array(400).fill(0xee);
    const out = memory.subarray(101, 301);
    const at = writeProtectedHeader(out, 0, ID, 5);
    out.set(ramp(50), at);
    const length = initiator.seal(out, 5, at + 50);
    expect(acceptor.open(out.subarray(0, length), 5)).toBe(at + 50);
    expect(Uint8Array.from(out.subarray(at, at + 50))).toEqual(ramp(50));
    const rest = [...memory.subarray(0, 101), ...memory.subarray(101 + length)];
    expect(rest.every((byte) => byte === 0xee)).toBe(true);
  },
);

test('a packet without any frame does not open, whoever sealed it', () => {
  const { initiator, acceptor } = protections();
  expect(acceptor.open(sealed(initiator, 1, ramp(0)), 1)).toBeUndefined();
});

test('a copy opens again: which numbers came before is not for the protection to know', () => {
  const { initiator, acceptor } = protections();
  const datagram = sealed(initiator, 1, ramp(3));
  expect(acceptor.open(datagram.slice(), 1)).toBe(PROTECTED.frames + 3);
  expect(acceptor.open(datagram.slice(), 1)).toBe(PROTECTED.frames + 3);
});

test.each([7, 6, 0, -1, Number.NaN])('after number 7, sealing number %d throws: no nonce is used twice', (number) => {
  const { initiator } = protections();
  sealed(initiator, 7, ramp(3));
  expect(() => sealed(initiator, number, ramp(3))).toThrow(RangeError);
});

describe('the limit of forged packets', () => {
  const limits = { failedOpens: 3 };

  test('when it is reached nothing opens any more, and sealing goes on for the CLOSE', () => {
    const { initiator, acceptor } = protections({ limits });
    const datagram = sealed(initiator, 1, ramp(3));
    for (let count = 0; count < 3; count++) {
      expect(acceptor.isExhausted).toBe(false);
      expect(acceptor.open(flipped(datagram, 8 * 20), 1)).toBeUndefined();
    }
    expect(acceptor.isExhausted).toBe(true);
    expect(acceptor.open(datagram, 1)).toBeUndefined();
    expect(initiator.open(sealed(acceptor, 1, ramp(3)), 1)).toBe(PROTECTED.frames + 3);
    expect(initiator.isExhausted).toBe(false);
  });

  test('packets that open, and such as are too short, do not count', () => {
    const { initiator, acceptor } = protections({ limits });
    for (let number = 0; number < 10; number++) {
      expect(acceptor.open(new Uint8Array(30), number)).toBeUndefined();
      expect(acceptor.open(sealed(initiator, number, ramp(3)), number)).toBe(PROTECTED.frames + 3);
    }
    expect(acceptor.isExhausted).toBe(false);
  });
});
