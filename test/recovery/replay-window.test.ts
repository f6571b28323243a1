import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { ReplayWindow } from '../../src/recovery/replay-window.ts';

const SIZE = 16_384;
const MAX = 2 ** 48 - 1;

/** Too simple to be wrong: every number that came, and the rule of the window. */
class Model {
  readonly #came = new Set<number>();
  #largest = -1;

  isNew(number: number): boolean {
    return number > this.#largest - SIZE && !this.#came.has(number);
  }

  mark(number: number): void {
    this.#came.add(number);
    this.#largest = Math.max(this.#largest, number);
  }

  get largest(): number {
    return this.#largest;
  }
}

// Steps relative to the largest number so far: near it, at the window's edges, far ahead.
const step = fc.oneof(
  fc.integer({ min: -40, max: 40 }),
  fc.integer({ min: -SIZE - 3, max: -SIZE + 3 }),
  fc.integer({ min: SIZE - 3, max: SIZE + 3 }),
  fc.integer({ min: -2 * SIZE, max: 2 * SIZE }),
  fc.constantFrom(2 ** 31, 2 ** 31 - 1, 2 ** 32, 2 ** 32 + 1, 2 ** 47),
);

describe('ReplayWindow', () => {
  test('agrees with a Set of everything that came, jumps of 2^47 included', () => {
    fc.assert(
      fc.property(fc.nat(2 ** 20), fc.array(step, { maxLength: 60 }), (first, steps) => {
        const window = new ReplayWindow();
        const model = new Model();
        const take = (number: number): void => {
          expect(window.isNew(number)).toBe(model.isNew(number));
          if (!model.isNew(number)) return;
          window.mark(number);
          model.mark(number);
          expect(window.isNew(number)).toBe(false);
        };
        take(first);
        for (const distance of steps) take(Math.min(MAX, Math.max(0, model.largest + distance)));
        for (let number = Math.max(0, model.largest - 50); number < model.largest + 3; number++) {
          expect(window.isNew(number)).toBe(model.isNew(number));
        }
      }),
      { numRuns: 300 },
    );
  });

  test('holds exactly 16,384 numbers', () => {
    const window = new ReplayWindow();
    window.mark(100_000);
    expect(window.isNew(100_000 - SIZE + 1)).toBe(true);
    expect(window.isNew(100_000 - SIZE)).toBe(false);
  });

  test('a jump by a whole window or nearly one leaves no old bit behind', () => {
    for (const jump of [SIZE - 1, SIZE, SIZE + 1, 2 * SIZE, 2 ** 32]) {
      const window = new ReplayWindow();
      for (let number = 0; number < SIZE; number++) window.mark(number);
      const largest = SIZE - 1 + jump;
      window.mark(largest);
      for (let number = Math.max(SIZE, largest - SIZE + 1); number < largest; number++) {
        if (!window.isNew(number)) expect.fail(`${number} was never seen, after a jump of ${jump}`);
      }
      expect(window.isNew(largest)).toBe(false);
    }
  });

  test('takes the last number there is', () => {
    const window = new ReplayWindow();
    window.mark(7);
    expect(window.isNew(MAX)).toBe(true);
    window.mark(MAX);
    expect(window.isNew(MAX)).toBe(false);
    expect(window.isNew(MAX - 1)).toBe(true);
    expect(window.isNew(8)).toBe(false);
  });
});
