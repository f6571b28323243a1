import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { type Prng, SeededPrng } from '../../src/base/prng.ts';
import type { SessionProtection } from '../../src/session/key-agreement.ts';
import { PROTECTED, TAG_RESERVE, writeProtectedHeader } from '../../src/wire/protected-header.ts';
import { flipped, KEY, protections } from './shake-hands.ts';

const FRAMES = 4;

/** A sealed packet and how often its direction had changed its key. */
interface Sealed {
  readonly number: number;
  readonly updates: number;
  readonly datagram: Uint8Array;
}

/** One direction: seals one packet after the other and counts the key updates. */
class Direction {
  readonly #sender: SessionProtection;
  readonly #receiver: SessionProtection;
  #number: number;
  #phase = 0;
  updates = 0;

  constructor(sender: SessionProtection, receiver: SessionProtection, first = 0) {
    this.#sender = sender;
    this.#receiver = receiver;
    this.#number = first;
  }

  seal(): Sealed {
    const number = this.#number++;
    const out = new Uint8Array(PROTECTED.frames + FRAMES + TAG_RESERVE);
    const at = writeProtectedHeader(out, 0, { hi: 1, lo: 2 }, number);
    out.fill(number, at, at + FRAMES);
    this.#sender.seal(out, number, at + FRAMES);
    const phase = (out[0] ?? 0) & 1;
    if (phase !== this.#phase) this.updates++;
    this.#phase = phase;
    return { number, updates: this.updates, datagram: out };
  }

  /** Whether a copy opens, to what was sealed. */
  opens({ number, datagram }: Sealed): boolean {
    const copy = datagram.slice();
    const end = this.#receiver.open(copy, number);
    if (end === undefined) return false;
    expect(copy.slice(PROTECTED.frames, end)).toEqual(new Uint8Array(FRAMES).fill(number));
    return true;
  }

  acknowledge(number: number): void {
    this.#sender.onAcknowledged?.(number);
  }
}

const direction = (updateAfter: number, first = 0): Direction => {
  const { initiator, acceptor } = protections({ limits: { updateAfter } });
  return new Direction(initiator, acceptor, first);
};

const sealMany = (from: Direction, count: number): Sealed[] => Array.from({ length: count }, () => from.seal());

describe('a key update', () => {
  test('comes after so many packets, once one of the phase is known to have arrived', () => {
    const it = direction(100);
    it.acknowledge(sealMany(it, 10).at(-1)?.number ?? 0);
    expect(sealMany(it, 90).at(-1)?.updates).toBe(0);
    expect(it.seal().updates).toBe(1);
  });

  test('comes again after as many packets more, however many acknowledgements there are', () => {
    const it = direction(100);
    const updates = Array.from({ length: 350 }, () => {
      const sealed = it.seal();
      it.acknowledge(sealed.number);
      return sealed.updates;
    });
    expect([99, 100, 199, 200, 299, 300, 349].map((at) => updates[at])).toEqual([0, 1, 1, 2, 2, 3, 3]);
  });

  test('waits for an acknowledgement, as long as it takes', () => {
    const it = direction(100);
    expect(sealMany(it, 1000).at(-1)?.updates).toBe(0);
    it.acknowledge(999);
    expect(it.seal().updates).toBe(1);
  });

  test('is not followed by a second one for acknowledgements of the phase before', () => {
    const it = direction(100);
    it.acknowledge(sealMany(it, 100).at(-1)?.number ?? 0);
    const first = it.seal();
    for (let number = 0; number < first.number; number++) it.acknowledge(number);
    expect(sealMany(it, 300).at(-1)?.updates).toBe(1);
    it.acknowledge(first.number);
    expect(it.seal().updates).toBe(2);
  });

  test('of one direction leaves the other alone', () => {
    const { initiator, acceptor } = protections({ limits: { updateAfter: 1 } });
    const [forth, back] = [new Direction(initiator, acceptor), new Direction(acceptor, initiator)];
    for (let round = 0; round < 10; round++) {
      const sealed = forth.seal();
      expect(forth.opens(sealed)).toBe(true);
      forth.acknowledge(sealed.number);
      expect(back.opens(back.seal())).toBe(true);
    }
    expect([forth.updates, back.updates]).toEqual([9, 0]);
  });

  test('does not cost the packets of the phase before that come late', () => {
    const it = direction(5);
    const old = sealMany(it, 5);
    expect(it.opens(old[2] as Sealed)).toBe(true);
    it.acknowledge(2);
    const [first, ...others] = sealMany(it, 3);
    expect(it.opens(others[1] as Sealed)).toBe(true);
    expect(old.every((sealed) => it.opens(sealed))).toBe(true);
    expect(it.opens(first as Sealed)).toBe(true);
    expect(it.opens(others[0] as Sealed)).toBe(true);
  });

  test('is forgotten two phases later', () => {
    const it = direction(1);
    const phases = Array.from({ length: 3 }, () => {
      const sealed = it.seal();
      expect(it.opens(sealed)).toBe(true);
      it.acknowledge(sealed.number);
      return sealed;
    });
    expect(phases.map((sealed) => it.opens(sealed))).toEqual([false, true, true]);
  });
});

test('a forged key phase changes nothing, in whatever phase it comes', () => {
  const it = direction(3);
  let number = 0;
  for (let round = 0; round < 30; round++) {
    const sealed = it.seal();
    const { datagram } = sealed;
    for (let forged = 0; forged < 5; forged++) {
      expect(it.opens({ ...sealed, datagram: flipped(datagram, 0) })).toBe(false);
      // With a number that only the next phase could have.
      expect(it.opens({ ...sealed, datagram: flipped(datagram, 0), number: number + 1e6 })).toBe(false);
    }
    expect(it.opens(sealed)).toBe(true);
    it.acknowledge(sealed.number);
    number++;
  }
  expect(it.updates).toBeGreaterThan(5);
});

/** Sends 1000 packets over a path that loses, reorders and copies, with acknowledgements that fare alike. */
function overABadPath(it: Direction, prng: Prng, loss: number, reordering: number): void {
  let newest = 0; // updates that the receiver has followed
  const path: { readonly at: number; readonly sealed: Sealed }[] = [];
  const acknowledgements: { readonly at: number; readonly number: number }[] = [];
  for (let now = 0; now < 1000 + reordering; now++) {
    if (now < 1000) {
      const sealed = it.seal();
      for (let copies = prng.next() < 0.1 ? 2 : 1; copies > 0; copies--) {
        if (prng.next() >= loss) path.push({ at: now + prng.next() * reordering, sealed });
      }
    }
    for (const { sealed } of path.filter(({ at }) => at <= now)) {
      const isForged = prng.next() < 0.1;
      if (isForged) {
        const bit = prng.nextUint32() % (8 * sealed.datagram.length);
        expect(it.opens({ ...sealed, datagram: flipped(sealed.datagram, bit) })).toBe(false);
      }
      // One phase late is in time; two phases late is lost, as it might have been anyway.
      expect(it.opens(sealed)).toBe(sealed.updates >= newest - 1);
      newest = Math.max(newest, sealed.updates);
      if (prng.next() >= loss) acknowledgements.push({ at: now + prng.next() * reordering, number: sealed.number });
    }
    path.splice(0, path.length, ...path.filter(({ at }) => at > now));
    for (const { number } of acknowledgements.filter(({ at }) => at <= now)) it.acknowledge(number);
    acknowledgements.splice(0, acknowledgements.length, ...acknowledgements.filter(({ at }) => at > now));
    expect(it.updates - newest).toBeLessThanOrEqual(1);
  }
}

test('over 1,000 packets on any path, keys change and every packet opens that is not two phases late', () => {
  const paths = fc.record({
    seed: fc.nat(),
    loss: fc.double({ min: 0, max: 0.6, noNaN: true }),
    reordering: fc.integer({ min: 1, max: 300 }),
    updateAfter: fc.integer({ min: 1, max: 200 }),
    first: fc.nat(2 ** 20),
  });
  fc.assert(
    fc.property(paths, ({ seed, loss, reordering, updateAfter, first }) => {
      const it = direction(updateAfter, first);
      overABadPath(it, new SeededPrng(seed), loss, reordering);
    }),
    { numRuns: 15 },
  );
});

test.each([0, 0.3])('with loss %d and an update every 100 packets both directions change keys often', (loss) => {
  const { initiator, acceptor } = protections({ key: KEY, limits: { updateAfter: 100 } });
  for (const [from, to] of [
    [initiator, acceptor],
    [acceptor, initiator],
  ] as const) {
    const it = new Direction(from, to);
    overABadPath(it, new SeededPrng(1), loss, 20);
    expect(it.updates).toBeGreaterThanOrEqual(7);
  }
});
