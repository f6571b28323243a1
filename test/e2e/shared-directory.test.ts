import { existsSync, readdirSync, statSync } from 'node:fs';
import { join } from 'node:path';
import { afterAll, expect, test } from 'vitest';
import { FaultyDisk } from '../hostile/faulty-disk.ts';
import { randomContent } from './killing.ts';
import { type Receiving, sha256, until, useBench } from './processes.ts';

// Several receivers on one directory, at once and one after the other.

const bench = useBench(afterAll);
const meters: FaultyDisk[] = [];
afterAll(() => {
  for (const meter of meters) meter.remove();
});

const MIB = 1024 * 1024;
const SLOW = ['--rate', '40M'];

const most = (out: string): number =>
  Math.max(0, ...readdirSync(out).map((name) => statSync(join(out, name), { throwIfNoEntry: false })?.size ?? 0));

/** Starts to send a file of this content. */
function send({ port }: Receiving, seed: number, args: readonly string[] = [], env = {}) {
  const path = bench.file('file', randomContent(seed, 8 * MIB));
  return { path, sender: bench.start(['send', path, `127.0.0.1:${port}`, '--json', ...args], { env }) };
}

test.concurrent('two receivers get two files of one name at the same time: one is stored, the other sender is told', async () => {
  const one = await bench.recv();
  const other = await bench.recv([], { out: one.out });
  const sendings = [send(one, 1, SLOW), send(other, 2, SLOW)];
  const ended = await Promise.all(sendings.map(({ sender }) => sender.ended));
  expect(ended.map(({ code }) => code).toSorted()).toEqual([0, 6]);
  const winner = sendings[ended.findIndex(({ code }) => code === 0)];
  expect(sha256(join(one.out, 'file'))).toBe(winner && sha256(winner.path));
  expect(readdirSync(one.out).filter((name) => name === 'file' || name.endsWith('.lock'))).toEqual(['file']);
});

test.concurrent('two receivers get the same file at the same time: both senders are content', async () => {
  const one = await bench.recv();
  const other = await bench.recv([], { out: one.out });
  const sendings = [send(one, 3, SLOW), send(other, 3, SLOW)];
  const ended = await Promise.all(sendings.map(({ sender }) => sender.ended));
  expect(ended.map(({ code }) => code)).toEqual([0, 0]);
  expect(sha256(join(one.out, 'file'))).toBe(sha256(sendings[0]?.path ?? ''));
  expect(readdirSync(one.out)).toEqual(['file']);
});

test.concurrent('what a receiver that was killed has is gone on with at another one, on another port', async () => {
  const meter = FaultyDisk.make();
  if (meter === undefined) return console.warn('not checked: nothing compiles the library here');
  meters.push(meter);
  const first = await bench.recv();
  const next = await bench.recv([], { out: first.out });
  const { path, sender } = send(first, 4, SLOW);
  await until(() => most(first.out) > 5 * MIB);
  await first.kill('SIGKILL');
  await sender.kill('SIGKILL');
  expect(existsSync(join(first.out, 'file'))).toBe(false);
  const again = send(next, 4, [], meter.env);
  expect(await again.sender.ended).toMatchObject({ code: 0 });
  expect(sha256(join(first.out, 'file'))).toBe(sha256(path));
  expect(meter.sent).toBeLessThan(4.5 * MIB);
  expect(readdirSync(first.out)).toEqual(['file']);
});
