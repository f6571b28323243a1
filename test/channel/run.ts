import type { Millis } from '../../src/base/units.ts';
import { Channel } from '../../src/channel/channel.ts';
import type { ChannelSpec } from '../../src/channel/spec.ts';
import type { Verdict } from '../../src/channel/verdict.ts';

export interface Push {
  readonly at: Millis;
  readonly bytes: Uint8Array;
}

export interface Arrival extends Push {
  /** Which push it comes from. */
  readonly index: number;
}

/** Pushes in order, each with its index as the tag, and pulls everything the moment it is due. */
export function run(channel: Channel<number>, pushes: readonly Push[]): Arrival[] {
  const arrivals: Arrival[] = [];
  const drain = (until: Millis): void => {
    for (let due = channel.pollTimeout(); due !== undefined && due <= until; due = channel.pollTimeout()) {
      const delivery = channel.pull(due);
      if (delivery === undefined) throw new Error(`pollTimeout() promised something at ${due}`);
      arrivals.push({ at: due, bytes: new Uint8Array(delivery.bytes), index: delivery.tag });
    }
  };
  for (const [index, { at, bytes }] of pushes.entries()) {
    drain(at);
    channel.push(at, bytes, index);
    drain(at);
  }
  drain(Infinity);
  return arrivals;
}

/** `count` datagrams of `size` bytes, one each `interval` ms from 0; the bytes tell them apart. */
export function steady(count: number, interval: Millis, size = 8): Push[] {
  return Array.from({ length: count }, (_, index) => ({
    at: index * interval,
    bytes: Uint8Array.from({ length: size }, (_, at) => index + 31 * at),
  }));
}

/** Every verdict on these pushes. */
export function judgeAll(spec: ChannelSpec, seed: number, pushes: readonly Push[], direction = 'out'): Verdict[] {
  const verdicts: Verdict[] = [];
  const channel = new Channel<number>(spec, seed, direction, {
    onVerdict: (_index, _size, verdict) => verdicts.push(verdict),
  });
  run(channel, pushes);
  return verdicts;
}

/** Five standard deviations: a sound generator fails this once in 1.7 million, and with a fixed seed never again. */
export function binomialBound(trials: number, probability: number): number {
  return 5 * Math.sqrt(trials * probability * (1 - probability));
}
