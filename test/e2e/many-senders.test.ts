import { readdirSync } from 'node:fs';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { content, hasArrived, sha256, until, useBench } from './processes.ts';

const bench = useBench();

test('eight senders at once are all served', async () => {
  const receiver = await bench.recv();
  const paths = Array.from({ length: 8 }, (_, i) => bench.file(`file ${i}`, content(100_000 + i)));
  const loss = (i: number): string[] => ['--loss', '2%', '--seed', `${i}`];
  const all = paths.map((path, i) => bench.send([path, `127.0.0.1:${receiver.port}`, ...loss(i)]));
  for (const { code } of await Promise.all(all)) expect(code).toBe(0);
  for (const [i, path] of paths.entries()) expect(sha256(join(receiver.out, `file ${i}`))).toBe(sha256(path));
  expect(readdirSync(receiver.out)).toHaveLength(8);
});

test('of senders with the same name one wins, whole, and the others are refused', async () => {
  const receiver = await bench.recv();
  const paths = [1, 2, 3].map((i) => bench.file('same', content(50_000 + i)));
  const all = await Promise.all(paths.map((path) => bench.send([path, `127.0.0.1:${receiver.port}`])));
  expect(all.map(({ code }) => code).sort()).toEqual([0, 6, 6]);
  const winner = all.findIndex(({ code }) => code === 0);
  expect(readdirSync(receiver.out)).toEqual(['same']);
  expect(sha256(join(receiver.out, 'same'))).toBe(sha256(paths[winner] ?? ''));
});

test('with --rename each of them is kept', async () => {
  const receiver = await bench.recv(['--rename']);
  const all = [1, 2].map((i) => bench.send([bench.file('same.txt', content(i)), `127.0.0.1:${receiver.port}`]));
  for (const { code } of await Promise.all(all)) expect(code).toBe(0);
  expect(readdirSync(receiver.out).sort()).toEqual(['same (1).txt', 'same.txt']);
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
