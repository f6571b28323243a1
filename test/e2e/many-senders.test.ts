import { readdirSync } from 'node:fs';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { content, hasArrived, sha256, until, useBench } from './processes.ts';

const bench = useBench();

/** Senders, one process each. */
const SENDERS = 64;

test('64 senders at once: those with names of their own are served, and of each shared name one wins, whole', async () => {
  const receiver = await bench.recv();
  const target = `127.0.0.1:${receiver.port}`;
  const shared = ['same', 'same.txt'];
  const nameOf = (i: number): string => (i % 2 === 0 ? `own ${i}` : (shared[(i >> 1) % 2] as string));
  const paths = Array.from({ length: SENDERS }, (_, i) => bench.file(nameOf(i), content(60_000 + i)));
  const all = await Promise.all(paths.map((path, i) => bench.send([path, target, '--loss', '1%', '--seed', `${i}`])));
  const sums = paths.map(sha256);
  for (const [i, { code }] of all.entries()) {
    if (i % 2 !== 0) continue;
    expect(code).toBe(0);
    expect(sha256(join(receiver.out, nameOf(i)))).toBe(sums[i]);
  }
  for (const name of shared) {
    const rivals = [...all.keys()].filter((i) => nameOf(i) === name);
    expect(rivals.map((i) => all[i]?.code).sort()).toEqual([0, ...Array.from({ length: SENDERS / 4 - 1 }, () => 6)]);
    const winner = rivals.find((i) => all[i]?.code === 0) ?? -1;
    expect(sha256(join(receiver.out, name))).toBe(sums[winner]);
  }
  expect(readdirSync(receiver.out)).toHaveLength(SENDERS / 2 + shared.length); // and nothing hidden is left
});

test('with --rename sixteen of the same name at once are all kept, each whole', async () => {
  const receiver = await bench.recv(['--rename']);
  const target = `127.0.0.1:${receiver.port}`;
  const paths = Array.from({ length: 16 }, (_, i) => bench.file('same.txt', content(200_000 + i)));
  for (const { code } of await Promise.all(paths.map((path) => bench.send([path, target])))) expect(code).toBe(0);
  const names = Array.from({ length: 16 }, (_, i) => (i === 0 ? 'same.txt' : `same (${i}).txt`));
  expect(readdirSync(receiver.out).sort()).toEqual([...names].sort());
  expect(names.map((name) => sha256(join(receiver.out, name))).sort()).toEqual(paths.map(sha256).sort());
});

test('recv --once goes on after a transfer that failed, and ends after one that is complete', async () => {
  const receiver = await bench.recv(['--once', '--max-size', '1M']);
  const target = `127.0.0.1:${receiver.port}`;
  const refused = await bench.send([bench.file('large', content(1_000_001)), target]);
  expect(refused).toMatchObject({ code: 6 });
  expect(await bench.send([bench.file('f', 'x'), target])).toMatchObject({ code: 0 });
  expect(await receiver.ended).toMatchObject({ code: 0, signal: null });
});

test('recv --once tells another sender that it is done', async () => {
  const receiver = await bench.recv(['--once']);
  const target = `127.0.0.1:${receiver.port}`;
  const slow = bench.start(['send', bench.file('large', content(1_000_000)), target, '--bandwidth-out', '400k']);
  await until(() => hasArrived(receiver.out));
  expect(await bench.send([bench.file('f', 'x'), target])).toMatchObject({ code: 0 });
  expect(await receiver.ended).toMatchObject({ code: 0 });
  const { code, stderr } = await slow.ended;
  expect(code).toBe(4);
  expect(stderr).toContain('the receiver ended the transfer: the receiver took one transfer and is done\n');
  expect(readdirSync(receiver.out)).toEqual(['f']);
});
