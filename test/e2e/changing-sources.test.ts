import {
  appendFileSync,
  closeSync,
  existsSync,
  openSync,
  readdirSync,
  rmSync,
  statSync,
  truncateSync,
  writeSync,
} from 'node:fs';
import { join } from 'node:path';
import { afterAll, expect, test } from 'vitest';
import { SeededPrng } from '../../src/base/prng.ts';
import { randomContent } from './killing.ts';
import { type Receiving, sha256, until, useBench } from './processes.ts';

// A file is changed while it is sent: the sender notices, and nothing of it is published.

const bench = useBench(afterAll);

/** UDPCP_MUTATIONS=200 takes some minutes. */
const { UDPCP_MUTATIONS = '4', UDPCP_SEED = `${Date.now() % 2 ** 32}` } = process.env;
const AT_ONCE = 4;
const SIZE = 8 * 1024 * 1024;
/** The sender reads this much ahead of the network at most; a change that comes after the last read changes nothing. */
const AHEAD = 5 * 1024 * 1024;

const MUTATIONS: readonly ((path: string, random: SeededPrng) => void)[] = [
  (path, random) => truncateSync(path, Math.floor(random.next() * SIZE)),
  (path, random) => appendFileSync(path, Buffer.alloc(1 + Math.floor(random.next() * 100_000))),
  (path, random) => {
    const fd = openSync(path, 'r+');
    writeSync(fd, 'changed', Math.floor(random.next() * (SIZE - 7)));
    closeSync(fd);
  },
  (path) => rmSync(path),
];

/** Bytes of all unfinished files. */
const arrived = (out: string): number =>
  readdirSync(out)
    .filter((name) => name.endsWith('.part'))
    .reduce((sum, name) => sum + (statSync(join(out, name), { throwIfNoEntry: false })?.size ?? 0), 0);

async function mutate(seed: number): Promise<void> {
  const random = new SeededPrng(seed);
  const receiver: Receiving = await bench.recv();
  const path = bench.file('file', randomContent(seed, SIZE));
  const again = ['send', path, `127.0.0.1:${receiver.port}`];
  const sender = bench.start([...again, '--rate', '24M']);
  const instant = random.next() * (SIZE - AHEAD);
  await until(() => arrived(receiver.out) >= instant);
  MUTATIONS[seed % MUTATIONS.length]?.(path, random);
  const { code, stderr } = await sender.ended;
  expect({ seed, code, stderr }).toEqual({ seed, code: 5, stderr: expect.stringMatching(/changed while it was read/) });
  const published = join(receiver.out, 'file');
  expect(existsSync(published)).toBe(false);
  const isThere = existsSync(path);
  const rerun = await bench.start(again).ended;
  expect({ seed, ...rerun }).toMatchObject({ code: isThere ? 0 : 5 });
  if (isThere) expect(sha256(published)).toBe(sha256(path));
  await receiver.kill('SIGTERM');
}

test('a file that is cut, grown, edited or removed while it is sent', { timeout: 3_600_000 }, async () => {
  const first = Number(UDPCP_SEED);
  console.log(`seed ${first}`);
  let next = 0;
  const worker = async (): Promise<void> => {
    while (next < Number(UDPCP_MUTATIONS)) await mutate(first + next++);
  };
  await Promise.all(Array.from({ length: AT_ONCE }, worker));
});
