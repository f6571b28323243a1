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
const MIB = 1024 * 1024;
const SIZE = 12 * MIB;
/** Before so much has arrived the change is to be made. */
const LATEST = 4 * MIB;
/** While less than this has arrived the sender has not read all: it reads 5 MiB ahead. After its last look nobody can notice. */
const STILL_READING = 6 * MIB;

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

/** False: this machine was so busy that the change may have come after the sender's last look, and proves nothing. */
async function mutate(seed: number): Promise<boolean> {
  const random = new SeededPrng(seed);
  const receiver: Receiving = await bench.recv();
  const path = bench.file('file', randomContent(seed, SIZE));
  const again = ['send', path, `127.0.0.1:${receiver.port}`];
  const sender = bench.start([...again, '--rate', '24M']);
  const instant = random.next() * LATEST;
  await until(() => arrived(receiver.out) >= instant);
  MUTATIONS[seed % MUTATIONS.length]?.(path, random);
  const wasInTime = arrived(receiver.out) < STILL_READING && !existsSync(join(receiver.out, 'file'));
  const { code, stderr } = await sender.ended;
  if (!wasInTime) return false;
  expect({ seed, code, stderr }).toEqual({ seed, code: 5, stderr: expect.stringMatching(/changed while it was read/) });
  const published = join(receiver.out, 'file');
  expect(existsSync(published)).toBe(false);
  const isThere = existsSync(path);
  const rerun = await bench.start(again).ended;
  expect({ seed, ...rerun }).toMatchObject({ code: isThere ? 0 : 5 });
  if (isThere) expect(sha256(published)).toBe(sha256(path));
  await receiver.kill('SIGTERM');
  return true;
}

test('a file that is cut, grown, edited or removed while it is sent', { timeout: 3_600_000 }, async () => {
  const first = Number(UDPCP_SEED);
  console.log(`seed ${first}`);
  const tally = { noticed: 0, late: 0 };
  let next = 0;
  const worker = async (): Promise<void> => {
    while (next - tally.late < Number(UDPCP_MUTATIONS)) tally[(await mutate(first + next++)) ? 'noticed' : 'late']++;
  };
  await Promise.all(Array.from({ length: AT_ONCE }, worker));
  console.log(JSON.stringify(tally));
  expect(tally.noticed).toBeGreaterThanOrEqual(Number(UDPCP_MUTATIONS));
});
