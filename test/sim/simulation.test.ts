import { describe, expect, test } from 'vitest';
import { Channel } from '../../src/channel/channel.ts';
import type { ChannelSpec } from '../../src/channel/spec.ts';
import type { Transmit } from '../../src/session/endpoint.ts';
import type { Host } from '../../src/session/host.ts';
import { type Route, Simulation } from '../../src/sim/simulation.ts';

/** A host that sends what it is told when its time comes, and keeps what it hears. */
class Talker implements Host {
  readonly heard: { readonly at: number; readonly from: string; readonly byte: number }[] = [];
  readonly steps: number[] = [];
  readonly #plan: { readonly at: number; readonly to: string; readonly byte: number }[];

  constructor(plan: readonly { readonly at: number; readonly to: string; readonly byte: number }[] = []) {
    this.#plan = [...plan];
  }

  readonly endpoint = {
    handleDatagram: (at: number, datagram: Uint8Array, from: string): void => {
      this.heard.push({ at, from, byte: datagram[0] as number });
    },
    handleTimeout: (): void => {},
    pollTransmit: (now: number, out: Uint8Array): Transmit | undefined => {
      const next = this.#plan[0];
      if (next === undefined || next.at > now) return undefined;
      this.#plan.shift();
      out[0] = next.byte;
      return { length: 1, to: next.to };
    },
    pollTimeout: (): number | undefined => this.#plan[0]?.at,
  };

  step(now: number): void {
    this.steps.push(now);
  }
}

const channel = (spec: ChannelSpec = {}): Channel<Route> => new Channel<Route>(spec, 1, 'test');
const never = (): boolean => false;

/** Two talkers at a:1 and b:2, joined both ways. */
function two(a: Talker, b: Talker, spec: ChannelSpec = {}): Simulation {
  const simulation = new Simulation();
  simulation.addHost('a:1', () => a);
  simulation.addHost('b:2', () => b);
  simulation.addLink('a:1', 'b:2', channel(spec));
  simulation.addLink('b:2', 'a:1', channel(spec));
  return simulation;
}

describe('Simulation', () => {
  test('jumps from event to event: an hour with two of them takes no time', () => {
    const a = new Talker([
      { at: 0, to: 'b:2', byte: 1 },
      { at: 3_600_000, to: 'b:2', byte: 2 },
    ]);
    const b = new Talker();
    const simulation = two(a, b, { delay: 20 });
    expect(simulation.run(never)).toBe(false); // nothing can happen any more
    expect(b.heard).toEqual([
      { at: 20, from: 'a:1', byte: 1 },
      { at: 3_600_020, from: 'a:1', byte: 2 },
    ]);
    expect(simulation.now).toBe(3_600_020);
    expect(simulation.log.count).toBe(4);
  });

  test('a host takes a turn after everything that happens to it, and only then', () => {
    const a = new Talker([{ at: 10, to: 'b:2', byte: 1 }]);
    const b = new Talker();
    two(a, b, { delay: 20 }).run(never);
    expect(a.steps).toEqual([0, 10]);
    expect(b.steps).toEqual([0, 30]);
  });

  test('a host that is woken takes a turn at that instant', () => {
    const sleeper = new Talker();
    const simulation = new Simulation();
    let wake = (): void => {};
    simulation.addHost('a:1', (rouse) => {
      wake = rouse;
      return sleeper;
    });
    const waker = new Talker([{ at: 50, to: 'nobody', byte: 1 }]);
    simulation.addHost('b:2', () => waker);
    simulation.run(() => {
      if (simulation.now === 50 && sleeper.steps.length === 1) wake();
      return false;
    });
    simulation.run(never);
    expect(sleeper.steps).toEqual([0, 50]);
  });

  test('stops when told that it is over, or when the time is up', () => {
    const plan = [10, 20, 30].map((at) => ({ at, to: 'b:2', byte: at }));
    const over = two(new Talker(plan), new Talker());
    expect(over.run(() => over.now >= 20)).toBe(true);
    expect(over.now).toBe(20);
    const late = two(new Talker(plan), new Talker());
    expect(late.run(never, 25)).toBe(false);
    expect(late.now).toBe(20);
  });

  test('what goes where no link leads, or to nobody, is lost', () => {
    const a = new Talker([
      { at: 0, to: 'c:3', byte: 1 },
      { at: 0, to: 'd:4', byte: 2 },
    ]);
    const b = new Talker();
    const simulation = two(a, b);
    simulation.addLink('a:1', 'd:4', channel());
    expect(simulation.run(never)).toBe(false);
    expect(b.heard).toEqual([]);
  });

  test('a datagram that arrives at once is the one that was sent, not the next in the same buffer', () => {
    const a = new Talker([1, 2, 3].map((byte) => ({ at: 0, to: 'b:2', byte })));
    const b = new Talker();
    two(a, b).run(never);
    expect(b.heard.map(({ byte }) => byte)).toEqual([1, 2, 3]);
  });

  test('links may share a channel: what was sent to each arrives there', () => {
    const [a, b, c] = [
      new Talker([{ at: 0, to: 'c:3', byte: 1 }]),
      new Talker([{ at: 0, to: 'c:3', byte: 2 }]),
      new Talker(),
    ];
    const simulation = new Simulation();
    for (const [address, host] of [
      ['a:1', a],
      ['b:2', b],
      ['c:3', c],
    ] as const)
      simulation.addHost(address, () => host);
    const bottleneck = channel({ rate: 0.1 });
    simulation.addLink('a:1', 'c:3', bottleneck);
    simulation.addLink('b:2', 'c:3', bottleneck);
    simulation.run(never);
    expect(c.heard).toEqual([
      { at: 10, from: 'a:1', byte: 1 },
      { at: 20, from: 'b:2', byte: 2 },
    ]);
  });

  test.each([
    { name: 'that is not finite', deadline: Number.NaN },
    { name: 'of never, said as infinity', deadline: Number.POSITIVE_INFINITY },
  ])('a deadline $name is a defect of its host', ({ deadline }) => {
    const host = new Talker();
    host.endpoint.pollTimeout = () => deadline;
    const simulation = new Simulation();
    simulation.addHost('a:1', () => host);
    expect(() => simulation.run(never)).toThrow('deadline');
  });

  test('a deadline in the past that nothing answers is a defect too, not an endless run', () => {
    const host = new Talker();
    host.endpoint.pollTimeout = () => -1;
    const simulation = new Simulation();
    simulation.addHost('a:1', () => host);
    expect(() => simulation.run(never)).toThrow();
  });
});
