import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, test } from 'vitest';
import { content, type Ended, useBench } from './processes.ts';

const bench = useBench();

/** Faults whose choice depends on nothing but the seed and the datagram's number. */
const FAULTS = ['--loss', '10%', '--reorder', '10%,5ms', '--duplicate', '10%', '--jitter', '2ms'];

interface Verdict {
  readonly direction: string;
  readonly i: number;
  readonly cause?: string;
  readonly copies: readonly { readonly delay: number }[];
}

/** What a recording says of each datagram, by direction and number. */
function verdictsIn(path: string): Map<string, Pick<Verdict, 'cause' | 'copies'>> {
  const lines = readFileSync(path, 'utf8').trimEnd().split('\n').slice(1);
  return new Map(
    lines.map((line) => {
      const { direction, i, cause, copies } = JSON.parse(line) as Verdict;
      return [`${direction} ${i}`, { ...(cause && { cause }), copies }];
    }),
  );
}

/** The verdicts of `later` on the datagrams that both have seen equal those of `earlier`. */
function expectSame(earlier: string, later: string): void {
  const [before, after] = [verdictsIn(earlier), verdictsIn(later)];
  const common = [...after.keys()].filter((key) => before.has(key));
  expect(common.length).toBeGreaterThan(50);
  const pick = (verdicts: typeof before) => common.map((key) => [key, verdicts.get(key)]);
  expect(pick(after)).toEqual(pick(before));
  const lost = common.filter((key) => before.get(key)?.cause === 'loss');
  expect(lost.length).toBeGreaterThan(0);
}

describe('the channel of a sender', () => {
  async function sendTwice(first: readonly string[], second: readonly string[]): Promise<Ended[]> {
    const receiver = await bench.recv(['--overwrite']);
    const path = bench.file('file', content(100_000));
    const runs: Ended[] = [];
    for (const args of [first, second]) runs.push(await bench.send([path, `127.0.0.1:${receiver.port}`, ...args]));
    for (const { code } of runs) expect(code).toBe(0);
    return runs;
  }

  test('does the same to each datagram when the seed is the same', async () => {
    const [one, two] = [join(bench.directory(), 'one'), join(bench.directory(), 'two')];
    const options = [...FAULTS, '--seed', '12345', '--record'];
    await sendTwice([...options, one], [...options, two]);
    expectSame(one, two);
  });

  test('draws a seed and prints it, and that seed repeats it', async () => {
    const receiver = await bench.recv(['--overwrite']);
    const path = bench.file('file', content(100_000));
    const [one, two] = [join(bench.directory(), 'one'), join(bench.directory(), 'two')];
    const send = (...args: string[]) => bench.send([path, `127.0.0.1:${receiver.port}`, ...FAULTS, ...args]);
    const { stderr } = await send('--record', one);
    const [, seed = ''] = /^seed (\d+) \(--seed \1 repeats this channel\)$/m.exec(stderr) ?? [];
    await send('--record', two, '--seed', seed);
    expectSame(one, two);
  });

  test('is replayed from its recording, without any of its options', async () => {
    const [one, two] = [join(bench.directory(), 'one'), join(bench.directory(), 'two')];
    const [, replayed] = await sendTwice([...FAULTS, '--record', one], ['--replay', one, '--record', two]);
    expect(replayed?.stderr).toContain(`replaying the channel that ${one} recorded\n`);
    expectSame(one, two);
  });

  test('is told of at the end', async () => {
    const receiver = await bench.recv();
    const path = bench.file('file', content(100_000));
    const sent = await bench.send([path, `127.0.0.1:${receiver.port}`, '--loss-out', '10%', '--seed', '1']);
    expect(sent.stderr).toMatch(
      /^channel, sending: \d+ datagrams \([\d.]+ kB\), [1-9]\d* lost \([\d.]+%: loss \d+\)$/m,
    );
  });
});

test('the channel of a receiver has a seed too, and is told of at the end', async () => {
  const receiver = await bench.recv(['--loss-in', '10%', '--drop-out', '2', '--once', '--idle-timeout', '5s']);
  const path = bench.file('file', content(200_000));
  expect(await bench.send([path, `127.0.0.1:${receiver.port}`])).toMatchObject({ code: 0 });
  const { code, stderr } = await receiver.ended;
  expect(code).toBe(0);
  expect(stderr).toMatch(/^seed (\d+) \(--seed \1 repeats this channel\)$/m);
  expect(stderr).toMatch(/^channel, sending: .* lost \(.*: drop-list 1\)$/m);
  expect(stderr).toMatch(/^channel, receiving: .* lost \(.*: loss [1-9]\d*\)$/m);
});

test('a dropped datagram is exactly the one that was named', async () => {
  const receiver = await bench.recv();
  const recording = join(bench.directory(), 'recording');
  const options = ['--drop-out', '3,7-8', '--record', recording];
  const path = bench.file('file', content(30_000));
  expect(await bench.send([path, `127.0.0.1:${receiver.port}`, ...options])).toMatchObject({ code: 0 });
  const lost = [...verdictsIn(recording)].filter(([, { copies }]) => copies.length === 0);
  expect(lost.map(([key, { cause }]) => [key, cause])).toEqual([
    ['out 3', 'drop-list'],
    ['out 7', 'drop-list'],
    ['out 8', 'drop-list'],
  ]);
});

test('a channel through which nothing comes is warned of, and ends with 4', async () => {
  const receiver = await bench.recv();
  const target = `127.0.0.1:${receiver.port}`;
  const sent = await bench.send([bench.file('f', 'x'), target, '--loss', '100%', '--connect-timeout', '300ms']);
  expect(sent.code).toBe(4);
  expect(sent.stderr).toMatch(/^udpcp: warning: with --loss 100% nothing will arrive$/m);
});

test('a recording that cannot be written does not cost the transfer, but is told of', async () => {
  const receiver = await bench.recv();
  const sent = await bench.send([bench.file('f', 'x'), `127.0.0.1:${receiver.port}`, '--record', '/dev/full']);
  expect(sent.code).not.toBe(0);
  expect(sent.stderr).toMatch(/^sent 1 file, 1 B in /m);
  expect(sent.stderr).toMatch(/^udpcp: the recording \/dev\/full is not complete: no space left on device$/m);
});
