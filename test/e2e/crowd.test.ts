import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { useBench } from './processes.ts';

const bench = useBench();

/** Senders in all, and how large each one's file is; more and larger by hand. */
const { UDPCP_CROWD = '1000', UDPCP_CROWD_SIZE = '16384' } = process.env;
const CROWD = Number(UDPCP_CROWD);
const SIZE = Number(UDPCP_CROWD_SIZE);
/** The processes they are in. */
const PROCESSES = 4;
/** What the receiver may need at most, in kB: what an empty one takes, and 256 sessions. */
const MAX_MEMORY = 300_000;

interface Sent {
  readonly index: number;
  readonly refusals: number;
  readonly error?: string;
}

test(`${CROWD} senders at once: all served, those that found no room when they came again`, async () => {
  const receiver = await bench.recv();
  const sources = bench.directory();
  const each = CROWD / PROCESSES;
  const crowds = Array.from({ length: PROCESSES }, (_, i) => {
    const words = [sources, receiver.port, i * each, each, SIZE].map(String);
    return bench.start(words, { command: [process.execPath, 'test/e2e/crowd.js'] }).ended;
  });
  const told = (await Promise.all(crowds)).map(({ code, stdout, stderr }) => {
    expect({ code, stderr }).toEqual({ code: 0, stderr: '' });
    return JSON.parse(stdout) as Sent[];
  });
  const all = told.flat();
  expect(all.filter(({ error }) => error !== undefined)).toEqual([]);
  expect(all).toHaveLength(CROWD);
  if (CROWD > 500) expect(all.some(({ refusals }) => refusals > 0)).toBe(true); // there was no room for all

  expect(readdirSync(receiver.out)).toHaveLength(CROWD);
  for (const name of readdirSync(receiver.out)) {
    expect(readFileSync(join(receiver.out, name)).equals(readFileSync(join(sources, name)))).toBe(true);
  }
  if (process.platform !== 'linux') return;
  const [, peak] = /^VmHWM:\s+(\d+) kB$/m.exec(readFileSync(`/proc/${receiver.child.pid}/status`, 'utf8')) ?? [];
  expect(Number(peak)).toBeLessThan(MAX_MEMORY);
});
