import { describe, expect, test } from 'vitest';
import { BlackHole } from '../../src/session/black-hole.ts';

const LARGE = 1460;
const BASE = 1200;

/** Plays "+number" for a large packet that arrived, "-number" for a lost one, "s+", "s-" for one of the base size. Tells what each loss said. */
function play(script: string, next = 100): boolean[] {
  const hole = new BlackHole();
  const verdicts: boolean[] = [];
  for (const [, small, fate, digits] of script.matchAll(/(s?)([+-])(\d+)/g)) {
    const packet = { number: Number(digits), size: small === 's' ? BASE : LARGE };
    if (fate === '+') hole.onAcked(packet);
    else verdicts.push(hole.onLost(packet, next === 0 ? packet.number + 1 : next));
  }
  return verdicts;
}

describe('BlackHole', () => {
  test.each([
    [
      'one flight that vanishes is none: a burst, or a path that was down',
      '-1 -2 -3 -4',
      100,
      [false, false, false, false],
    ],
    ['two flights one after the other are one', '-1 -2 s+3 -101', 100, [false, false, true]],
    ['single packets, each sent after the last was missed, are flights', '-1 -2', 0, [false, true]],
    ['a large packet that arrives between them clears the path', '-1 +101 -102', 0, [false, false]],
    [
      'what was sent before a large packet that arrived is an ordinary loss',
      '+50 -1 -2 -3 -4',
      0,
      [false, false, false, false],
    ],
    ['a small packet that arrives clears nothing', '-1 s+101 -102', 0, [false, true]],
    ['small packets that vanish mean nothing', 's-1 s-2 s-3 s-4', 0, [false, false, false, false]],
  ])('%s', (_, script, next, verdicts) => expect(play(script, next)).toEqual(verdicts));

  test('a smaller packet that arrives does not clear a larger size', () => {
    const hole = new BlackHole();
    expect(hole.onLost({ number: 1, size: 8960 }, 2)).toBe(false);
    hole.onAcked({ number: 2, size: 1460 });
    expect(hole.onLost({ number: 3, size: 8960 }, 4)).toBe(true);
  });

  test('after a restart nothing of what was sent before counts', () => {
    const hole = new BlackHole();
    hole.onLost({ number: 1, size: LARGE }, 10);
    hole.restart(20);
    expect(hole.onLost({ number: 19, size: LARGE }, 20)).toBe(false);
    expect(hole.onLost({ number: 20, size: LARGE }, 21)).toBe(false);
    expect(hole.onLost({ number: 21, size: LARGE }, 22)).toBe(true);
  });
});
