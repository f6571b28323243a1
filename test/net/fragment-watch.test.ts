import { describe, expect, test } from 'vitest';
import { FragmentWatch, fragmentsCreated } from '../../src/net/fragment-watch.ts';

/** A system that fragments what is larger than `mtu`, and counts how often it was asked. */
class System {
  mtu = 1500;
  asked = 0;
  #fragments = 7;
  readonly watch = new FragmentWatch(() => {
    this.asked++;
    return this.#fragments;
  });

  /** Whether a datagram was found out to be cut. */
  send(length: number): boolean {
    const before = this.watch.begin(length);
    if (length > this.mtu) this.#fragments += 2;
    return before !== undefined && this.watch.wasCut(length, before);
  }
}

describe('FragmentWatch', () => {
  test('finds out when a size is cut the first time it is sent', () => {
    const system = new System();
    expect(system.send(1472)).toBe(false);
    expect(system.send(1501)).toBe(true);
    expect(system.send(1400)).toBe(false);
  });

  test('asks nothing for small datagrams, and little for sizes that passed', () => {
    const system = new System();
    for (let i = 0; i < 10_000; i++) system.send(1200);
    expect(system.asked).toBe(0);
    for (let i = 0; i < 10_000; i++) system.send(1400);
    expect(system.asked).toBeGreaterThan(2);
    expect(system.asked).toBeLessThan(50);
  });

  test('notices within a thousand datagrams that a size is cut now', () => {
    const system = new System();
    system.send(1472);
    system.mtu = 1300;
    const found = Array.from({ length: 1100 }, () => system.send(1472)).indexOf(true);
    expect(found).toBeGreaterThan(0);
    expect(system.send(1400)).toBe(true); // below the size that passed, and looked at all the same
  });

  test('looks at every size again after a restart', () => {
    const system = new System();
    system.send(1472);
    system.mtu = 1300;
    system.watch.restart();
    expect(system.send(1400)).toBe(true);
  });

  test('does nothing where the system keeps no count', () => {
    const watch = new FragmentWatch(() => undefined);
    expect(watch.begin(9000)).toBeUndefined();
    expect(watch.wasCut(9000, 5)).toBe(false);
  });
});

test.each([4, 6] as const)('the count of IPv%d only grows, or is not known', (version) => {
  const first = fragmentsCreated(version);
  if (first !== undefined) expect(fragmentsCreated(version)).toBeGreaterThanOrEqual(first);
  else expect(process.platform === 'linux' && version === 4).toBe(false);
});
