import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { Channel } from '../../src/channel/channel.ts';
import { formatHeader, formatVerdict } from '../../src/channel/recording.ts';
import { parseRecording } from '../../src/channel/recording-parser.ts';
import type { ChannelSpec } from '../../src/channel/spec.ts';
import type { Verdict } from '../../src/channel/verdict.ts';
import { pushLists, seeds, specs } from './arbitraries.ts';
import { type Push, run, steady } from './run.ts';

const DIRECTIONS = ['out', 'in'] as const;

/** Runs both directions one after the other; the arrivals of each and the recording of both. */
function record(spec: ChannelSpec, seed: number, pushes: readonly Push[]) {
  let text = formatHeader(seed, { out: spec, in: spec });
  const arrivals = DIRECTIONS.map((direction) => {
    const channel = new Channel<number>(spec, seed, direction, {
      onVerdict: (index, size, verdict) => {
        text += formatVerdict(direction, index, size, verdict);
      },
    });
    return run(channel, pushes);
  });
  return { text, arrivals };
}

function replayOf(verdicts: readonly (readonly [number, Verdict])[]): Channel<number> {
  return new Channel<number>({}, 0, 'out', { replay: new Map(verdicts) });
}

describe('a replay', () => {
  test('delivers in both directions exactly what was delivered when it was recorded', () => {
    fc.assert(
      fc.property(specs, seeds, pushLists, (spec, seed, pushes) => {
        const { text, arrivals } = record(spec, seed, pushes);
        const recording = parseRecording(text);
        if (recording.kind !== 'recording') throw new Error(recording.message);
        expect(recording.seed).toBe(seed);
        const again = DIRECTIONS.map((direction) =>
          run(new Channel<number>({}, 0, direction, { replay: recording.directions.get(direction) }), pushes),
        );
        expect(again).toEqual(arrivals);
      }),
    );
  });

  test('uses neither the spec nor the seed', () => {
    const channel = new Channel<number>({ loss: 1, delay: 5 }, 9, 'out', { replay: new Map() });
    expect(run(channel, steady(10, 1))).toHaveLength(10);
  });

  test('goes by index whatever the datagram, and delivers untouched what is not named', () => {
    const channel = replayOf([
      [1, { cause: 'burst', copies: [] }],
      [2, { copies: [{ delay: 7 }] }],
    ]);
    const sizes = [3, 1400, 0, 12, 5];
    const pushes = sizes.map((size, at) => ({ at, bytes: new Uint8Array(size) }));
    expect(run(channel, pushes).map(({ index, at }) => [index, at])).toEqual([
      [0, 0],
      [3, 3],
      [4, 4],
      [2, 9],
    ]);
    expect(channel.stats.lost.burst).toBe(1);
  });

  test.each<{ name: string; verdict: Verdict; bytes: number[]; expected: number[] }>([
    { name: 'a cut at the size', verdict: { copies: [{ delay: 0, cut: 2 }] }, bytes: [1, 2], expected: [1, 2] },
    { name: 'a cut beyond it', verdict: { copies: [{ delay: 0, cut: 2 ** 53 - 1 }] }, bytes: [1, 2], expected: [1, 2] },
    { name: 'a flip beyond it', verdict: { copies: [{ delay: 0, flips: [16] }] }, bytes: [1, 2], expected: [1, 2] },
    { name: 'a flip of nothing', verdict: { copies: [{ delay: 0, flips: [0] }] }, bytes: [], expected: [] },
    {
      name: 'a flip behind the cut',
      verdict: { copies: [{ delay: 0, cut: 1, flips: [8] }] },
      bytes: [1, 2],
      expected: [1],
    },
    {
      name: 'the first and the last bit',
      verdict: { copies: [{ delay: 0, flips: [0, 15] }] },
      bytes: [1, 2],
      expected: [0x81, 3],
    },
  ])('makes of $name what fits the datagram', ({ verdict, bytes, expected }) => {
    const channel = replayOf([[0, verdict]]);
    channel.push(0, Uint8Array.from(bytes), 0);
    expect(Array.from(channel.pull(0)?.bytes ?? [])).toEqual(expected);
    const isChanged = `${bytes}` !== `${expected}`;
    expect(channel.stats.corrupted + channel.stats.truncated).toBe(isChanged ? 1 : 0);
  });
});
