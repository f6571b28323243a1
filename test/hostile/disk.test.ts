import { execFileSync } from 'node:child_process';
import { mkdirSync, mkdtempSync, readdirSync, readFileSync, renameSync, rmdirSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, describe, expect, test } from 'vitest';
import { content, hasArrived, until } from '../e2e/processes.ts';
import { type Served, startReceiver } from './served.ts';

const cleanups: (() => Promise<void> | void)[] = [];
afterEach(async () => {
  for (const clean of cleanups.splice(0).reverse()) await clean();
});

async function serve(args: readonly string[] = [], prefix = ''): Promise<Served> {
  const served = await startReceiver(args, prefix);
  cleanups.push(() => served.stop());
  return served;
}

const lines = (text: string): string[] => text.trimEnd().split('\n');

/** A file system of 2 MiB; undefined where we may not mount one. */
function smallDisk(): string | undefined {
  const path = mkdtempSync(join(tmpdir(), 'udpcp-disk-'));
  try {
    execFileSync('mount', ['-t', 'tmpfs', '-o', 'size=2m', 'tmpfs', path], { stdio: 'ignore' });
  } catch {
    rmdirSync(path);
    return undefined;
  }
  cleanups.push(() => {
    execFileSync('umount', ['-l', path]);
    rmdirSync(path);
  });
  return path;
}

test('a full disk: the sender gets one line, and others are served', async ({ skip }) => {
  const disk = smallDisk();
  if (disk === undefined) return skip('a file system cannot be mounted here');
  const served = await serve(['--out', disk]);
  const refused = await served.send('large', content(3_000_000));
  expect(refused.code).toBe(6);
  expect(lines(refused.stderr)).toHaveLength(1);
  expect(refused.stderr).toMatch(/it has 3000000 bytes, and \d+ are free/);
  const both = await Promise.all(['a', 'b'].map((name) => served.send(name, content(1_400_000))));
  const codes = both.map(({ code }) => code);
  expect(codes).toContain(6); // and perhaps both: neither knows how much the other will take
  await until(() => readdirSync(disk).every((name) => !name.endsWith('.lock')));
  // What is kept for another try fills the disk as well.
  for (const name of readdirSync(disk)) if (name.startsWith('.udpcp-')) rmSync(join(disk, name));
  expect((await served.send('small', 'x')).code).toBe(0);
  expect(readdirSync(disk)).toHaveLength(1 + codes.filter((code) => code === 0).length);
});

test('too few file descriptors: one line, and the next one is served', async ({ skip }) => {
  const served = await serve();
  const limited = leaveDescriptors(served.pid, 4);
  if (!limited) return skip('prlimit is not there');
  const files = Array.from({ length: 12 }, (_, i) => served.send(`f${i}`, content(300_000), ['--rate', '2M']));
  const all = await Promise.all(files);
  const failed = all.filter(({ code }) => code !== 0);
  expect(failed.length).toBeGreaterThan(0);
  for (const { code, stderr } of failed) {
    expect(code).toBe(6);
    expect(stderr).toMatch(/^udpcp: .*too many open files\n$/);
  }
  expect((await served.send('after', 'x')).code).toBe(0);
  expect(served.isRunning()).toBe(true);
});

test('a limit on the size of files: one line, and without it the file goes on', async () => {
  const limited = await serve([], 'ulimit -f 3000'); // of 512 bytes
  const { code, stderr } = await limited.send('large', content(3_000_000));
  expect(code).toBe(6);
  expect(stderr).toMatch(/^udpcp: .*file too large; what came is kept for the next try\n$/);
  expect(limited.isRunning()).toBe(true);
  const free = await serve(['--out', limited.out]);
  const rest = await free.send('large', content(3_000_000));
  expect([rest.code, rest.stderr]).toEqual([0, expect.stringContaining('resuming large at 34%')]);
});

test('a disk that becomes read-only: one line, and it is used again when it can be', async ({ skip }) => {
  const disk = smallDisk();
  if (disk === undefined) return skip('a file system cannot be mounted here');
  const remount = (how: string) => execFileSync('mount', ['-o', `remount,${how}`, disk], { stdio: 'ignore' });
  const served = await serve(['--out', disk]);
  remount('ro');
  for (const size of [1000, 1_500_000]) {
    const { code, stderr } = await served.send('file', content(size));
    expect([code, stderr]).toEqual([6, expect.stringMatching(/^udpcp: .*read-only file system\n$/)]);
  }
  remount('rw');
  expect((await served.send('file', 'x')).code).toBe(0);
});

describe('an output directory that is lost while a file arrives', () => {
  test.for<[how: string, lose: (out: string) => void, giveBack: ((out: string) => void) | undefined]>([
    ['moved', (out) => renameSync(out, `${out}.moved`), (out) => renameSync(`${out}.moved`, out)],
    ['deleted', (out) => rmSync(out, { recursive: true }), undefined],
    [
      'replaced',
      (out) => {
        renameSync(out, `${out}.moved`);
        mkdirSync(out);
      },
      (out) => {
        rmdirSync(out); // nothing came into it
        renameSync(`${out}.moved`, out);
      },
    ],
    ['unmounted', (out) => execFileSync('umount', ['-l', out]), (out) => void bind(`${out}.disk`, out)],
  ])('%s: the transfer fails with one line, and the receiver goes on', async ([how, lose, giveBack], { skip }) => {
    const parent = mkdtempSync(join(tmpdir(), 'udpcp-lost-'));
    cleanups.push(() => rmSync(parent, { recursive: true }));
    const out = join(parent, 'out');
    for (const path of [out, `${out}.disk`]) mkdirSync(path);
    if (how === 'unmounted') {
      if (!bind(`${out}.disk`, out)) return skip('a file system cannot be mounted here');
      cleanups.push(() => void execFileSync('umount', ['-l', out]));
    }
    const served = await serve(['--out', out]);
    const sending = served.send('f', content(2_000_000), ['--rate', '10M']);
    await until(() => hasArrived(out));
    lose(out);
    const failed = [await sending, await served.send('g', 'x')];
    for (const { code, stderr } of failed) {
      expect(code).toBe(6);
      expect(stderr).toMatch(
        /^udpcp: .*the receiver's directory was moved, removed or unmounted: start the receiver again\n$/,
      );
    }
    expect(served.isRunning()).toBe(true);
    if (giveBack === undefined) return;
    giveBack(out);
    expect((await served.send('f', content(2_000_000))).code).toBe(0);
    expect(readFileSync(join(out, 'f')).equals(content(2_000_000))).toBe(true);
  });
});

/** Shows a directory at another place as well; false where we may not. */
function bind(directory: string, at: string): boolean {
  try {
    execFileSync('mount', ['--bind', directory, at], { stdio: 'ignore' });
    return true;
  } catch {
    return false;
  }
}

/** Lets a process open so many more files than it has now. */
function leaveDescriptors(pid: number | undefined, count: number): boolean {
  try {
    const open = readdirSync(`/proc/${pid}/fd`).length;
    execFileSync('prlimit', ['--pid', `${pid}`, `--nofile=${open + count}`], { stdio: 'ignore' });
    return true;
  } catch {
    return false;
  }
}

test('modes are of this machine: no execute bit, no set-id, and what umask forbids', async () => {
  const served = await serve([], 'umask 027');
  expect((await served.send('tool', '#!/bin/sh\n')).code).toBe(0);
  const mode = execFileSync('stat', ['-c', '%a', join(served.out, 'tool')])
    .toString()
    .trim();
  expect(mode).toBe('640');
});
