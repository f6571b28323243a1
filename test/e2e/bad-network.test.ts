import { join } from 'node:path';
import { expect, test } from 'vitest';
import { content, eventsIn, sha256, useBench } from './processes.ts';

const bench = useBench();

const FAULTS = ['--loss', '5%', '--reorder', '10%,20ms', '--duplicate', '5%', '--corrupt', '3%', '--truncate', '2%'];

/** What `recv --json` and `send --json` say about the channel. */
interface Told {
  readonly statistics: { readonly channel: Record<'out' | 'in', Counted>; readonly session: { damaged: number } };
}

interface Counted {
  readonly lost: { readonly loss: number };
  readonly reordered: number;
  readonly duplicated: number;
  readonly corrupted: number;
  readonly truncated: number;
}

test.each([
  { arq: 'stop-and-wait', size: 50_000, overtakes: 0 }, // with one datagram under way none is overtaken
  { arq: 'go-back-n', size: 120_000, overtakes: 1 },
  { arq: 'selective-repeat', size: 200_000, overtakes: 1 },
])('$arq brings a file through loss, reordering, duplicates and damage both ways', async ({ arq, size, overtakes }) => {
  const receiver = await bench.recv(['--jsonl', '--once', '--idle-timeout', '5s', ...FAULTS, '--seed', '1']);
  const path = bench.file('file', content(size));
  const target = `127.0.0.1:${receiver.port}`;
  const sent = await bench.send([path, target, '--json', '--arq', arq, ...FAULTS, '--seed', '2']);
  expect(sent).toMatchObject({ code: 0 });
  expect(await receiver.ended).toMatchObject({ code: 0 });
  expect(sha256(join(receiver.out, 'file'))).toBe(sha256(path));

  const told = [JSON.parse(sent.stdout), ...eventsIn(receiver.stdout, 'transfer')] as Told[];
  expect(told).toHaveLength(2);
  for (const { statistics } of told) {
    const { out, in: incoming } = statistics.channel;
    const sum = (of: (counted: Counted) => number): number => of(out) + of(incoming);
    expect(sum(({ lost }) => lost.loss)).toBeGreaterThan(0);
    expect(sum(({ reordered }) => reordered)).toBeGreaterThanOrEqual(overtakes);
    expect(sum(({ duplicated }) => duplicated)).toBeGreaterThan(0);
    expect(sum(({ corrupted }) => corrupted)).toBeGreaterThan(0);
    expect(sum(({ truncated }) => truncated)).toBeGreaterThan(0);
    expect(statistics.session.damaged).toBeGreaterThan(0);
  }
});

test('a bottleneck with a short queue, bursts and blackouts only cost time', async () => {
  const receiver = await bench.recv();
  const path = bench.file('file', content(400_000));
  const channel = ['--bandwidth-out', '4M', '--queue-out', '6k', '--burst-in', '10%,30%', '--blackout', '0.05,0.1,0.5'];
  const sent = await bench.send([path, `127.0.0.1:${receiver.port}`, '--json', ...channel, '--seed', '3']);
  expect(sent).toMatchObject({ code: 0 });
  expect(sha256(join(receiver.out, 'file'))).toBe(sha256(path));
  const { out, in: incoming } = JSON.parse(sent.stdout).statistics.channel;
  expect(out.lost.blackout).toBeGreaterThan(0);
  expect(out.lost.queue).toBeGreaterThan(0);
  expect(incoming.lost.burst).toBeGreaterThan(0);
});
