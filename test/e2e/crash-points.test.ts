import { existsSync, mkdirSync, readdirSync, readFileSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { afterAll, describe, expect, test } from 'vitest';
import { ownName, resumableId } from '../../src/store/part/own-names.ts';
import { type FaultKind, FaultyDisk } from '../hostile/faulty-disk.ts';
import { randomContent } from './killing.ts';
import { type Ended, useBench } from './processes.ts';

// A receiver, or a sender, is killed at each point where it has just changed something, and the command is run again.

const bench = useBench(afterAll);

const SIZE = 2_600_000;
const CONTENT = randomContent(1, SIZE);
const KEPT = 2 * 1024 * 1024;
/** UDPCP_KILLS: every call that there is, instead of those with a name. */
const { UDPCP_KILLS } = process.env;
const SWEEP = UDPCP_KILLS !== undefined;
const MOST_CALLS = 200;

const disks: FaultyDisk[] = [];
afterAll(() => {
  for (const disk of disks) disk.remove();
});

type When = 'before' | 'after';

/** Undefined, with a warning, where nothing compiles the library. */
function makeDisk(): FaultyDisk | undefined {
  const disk = FaultyDisk.make();
  if (disk === undefined) console.warn('not checked: nothing compiles the library here');
  else disks.push(disk);
  return disk;
}

/** Sends to a receiver that is to be killed; false: it was not, because it made fewer such calls. */
async function killReceiver(disk: FaultyDisk, out: string, words: readonly string[]): Promise<boolean> {
  const receiver = bench.start(['recv', '--out', out, '--port', '0', '--bind', '127.0.0.1'], { env: disk.env });
  const heard = await receiver.says(/^listening on UDP (\S+:\d+),/m).catch(() => undefined);
  if (heard !== undefined) {
    const sender = bench.start(['send', ...words, heard[1] ?? '']);
    await Promise.race([receiver.ended, sender.ended]);
    if (sender.child.exitCode === null) await sender.kill('SIGKILL');
  }
  if (!disk.hasFailed) await receiver.kill('SIGKILL');
  else expect(await receiver.ended).toMatchObject({ signal: 'SIGKILL' });
  return disk.hasFailed;
}

/** Sends to a receiver that is killed there, and again to another; undefined: it made fewer such calls. */
async function crash(disk: FaultyDisk, when: When, kind: FaultKind, nth: number): Promise<Ended | undefined> {
  const out = join(bench.directory(), 'out');
  const path = bench.file('file', CONTENT);
  disk.armKill(when, kind, nth);
  if (!(await killReceiver(disk, out, [path]))) return undefined;
  expectWholeOrAbsent(out);
  const second = await bench.recv([], { out });
  const ended = await bench.send([path, `127.0.0.1:${second.port}`, '--json']);
  await second.kill('SIGTERM');
  expectWholeOrAbsent(out);
  expectTidy(out, 'file');
  return ended;
}

/** Nothing but this, and perhaps the part of a small file, which nobody can go on with and which goes after an hour. */
function expectTidy(out: string, what: string): void {
  const passing = /^\.udpcp-[0-9a-f]{16}-\d+-[0-9a-f]{8}\.part$/;
  expect(readdirSync(out).filter((name) => !passing.test(name))).toEqual([what]);
}

const HIDDEN_TREE = ['.hidden', 'seen', 'sub/.x/y', 'sub/z'];

/** The same with a directory of small files. */
async function crashTree(disk: FaultyDisk, when: When, kind: FaultKind, nth: number): Promise<Ended | undefined> {
  const out = join(bench.directory(), 'out');
  const path = bench.directory();
  for (const name of HIDDEN_TREE) {
    mkdirSync(dirname(join(path, name)), { recursive: true });
    writeFileSync(join(path, name), name);
  }
  disk.armKill(when, kind, nth);
  if (!(await killReceiver(disk, out, [path, '--as', 'tree']))) return undefined;
  const second = await bench.recv([], { out });
  const ended = await bench.send([path, `127.0.0.1:${second.port}`, '--as', 'tree']);
  await second.kill('SIGTERM');
  for (const name of HIDDEN_TREE) expect(readFileSync(join(out, 'tree', name), 'utf8')).toBe(name);
  expectTidy(out, 'tree');
  return ended;
}

function expectWholeOrAbsent(out: string): void {
  const path = join(out, 'file');
  if (existsSync(path)) expect(readFileSync(path).equals(CONTENT)).toBe(true);
}

/** What the second sender is told of the file. */
const textOf = ({ stdout }: Ended): string => JSON.parse(stdout).files[0].text;

/** Every call of a kind is the last one, once before and once after it. */
async function sweep(kind: FaultKind, crashAt: typeof crash): Promise<void> {
  const faults = makeDisk();
  if (faults === undefined) return;
  let nth = 1;
  for (; nth <= MOST_CALLS; nth++) {
    const before = await crashAt(faults, 'before', kind, nth);
    if (before === undefined) break;
    expect({ nth, ...before }).toMatchObject({ code: 0 });
    const after = await crashAt(faults, 'after', kind, nth);
    if (after !== undefined) expect({ nth, ...after }).toMatchObject({ code: 0 });
  }
  console.log(`${kind}: ${nth - 1} calls`);
  expect(nth).toBeGreaterThan(1);
}

const POINTS: readonly (readonly [string, When, FaultKind, number, isThere: boolean])[] = [
  ['before the lock was made', 'before', 'rename', 1, false],
  ['after the lock was made', 'after', 'rename', 1, false],
  ['after the part was made', 'after', 'create', 1, false],
  ['after the journal was written', 'after', 'write', 1, false],
  ['mid-write', 'after', 'write', 5, false],
  ['before the content is durable', 'before', 'sync', 1, false],
  ['after the content is durable', 'after', 'sync', 1, false],
  ['before the file has its name', 'before', 'link', 1, false],
  ['after the file has its name', 'after', 'link', 1, true],
  ['after the part lost its name', 'after', 'unlink', 1, true],
  ['after the name is durable, before the receipt', 'after', 'sync', 2, true],
  ['while the lock is released', 'after', 'rmdir', 1, true],
];

/** While a lock that a dead process left is taken over. */
const TAKEOVERS: readonly (readonly [When, FaultKind, number])[] = [
  ['after', 'mkdir', 2],
  ['before', 'rmdir', 1],
  ['after', 'rmdir', 1],
  ['before', 'rename', 2],
];

/** The first two mebibytes, as a process left them that was killed while it wrote. */
function leaveKept(out: string): void {
  mkdirSync(out);
  const id = resumableId([Buffer.from('file')]);
  writeFileSync(join(out, ownName(id, 'part')), CONTENT.subarray(0, KEPT), { mode: 0o600 });
  mkdirSync(join(out, ownName(id, 'lock'), '999999999_1_a'), { recursive: true });
}

describe.skipIf(process.platform !== 'linux')('a receiver that is killed', () => {
  test.concurrent.each(POINTS)(
    '%s: whole or absent, and the next run ends well',
    async (_name, when, kind, nth, isThere) => {
      const faults = makeDisk();
      if (faults === undefined) return;
      const ended = await crash(faults, when, kind, nth);
      expect(ended).toMatchObject({ code: 0 });
      expect(ended && textOf(ended)).toBe(isThere ? 'already there' : '');
    },
  );

  test.concurrent.each(TAKEOVERS)(
    'while it takes over from one that was killed, %s %s %i: what had come is gone on with',
    async (when, kind, nth) => {
      const faults = makeDisk();
      if (faults === undefined) return;
      const out = join(bench.directory(), 'out');
      leaveKept(out);
      const path = bench.file('file', CONTENT);
      faults.armKill(when, kind, nth);
      expect(await killReceiver(faults, out, [path])).toBe(true);
      const second = await bench.recv([], { out });
      const ended = await bench.send([path, `127.0.0.1:${second.port}`, '--json']);
      expect(ended).toMatchObject({ code: 0 });
      expect(JSON.parse(ended.stdout).files[0].resumedBytes).toBe(KEPT);
      await second.kill('SIGTERM');
      expectTidy(out, 'file');
    },
  );

  test.concurrent.each<[When, FaultKind, number]>([
    ['before', 'mkdir', 2],
    ['after', 'mkdir', 2],
    ['after', 'rename', 1],
  ])('%s %s %i, while it makes a directory: hidden names come into it all the same', async (when, kind, nth) => {
    const faults = makeDisk();
    if (faults !== undefined) expect(await crashTree(faults, when, kind, nth)).toMatchObject({ code: 0 });
  });

  test.runIf(SWEEP).each<FaultKind>(['create', 'write', 'sync', 'link', 'unlink', 'mkdir', 'rename'])(
    'before and after every call of %s for a directory with hidden names',
    { timeout: 1_200_000 },
    (kind) => sweep(kind, crashTree),
  );

  test
    .runIf(SWEEP)
    .each<FaultKind>(['create', 'write', 'sync', 'link', 'unlink', 'chmod', 'send', 'mkdir', 'rmdir', 'rename'])(
    'before and after every call of %s',
    { timeout: 1_200_000 },
    (kind) => sweep(kind, crash),
  );
});

/** Sends, with a receipt, by a sender that is killed there, and again; undefined: it made fewer such calls. */
async function crashSender(disk: FaultyDisk, when: When, kind: FaultKind, nth: number): Promise<Ended | undefined> {
  const receiver = await bench.recv();
  const path = bench.file('file', CONTENT);
  const place = bench.directory();
  const send = (receipt: string, env = {}) =>
    bench.send([path, `127.0.0.1:${receiver.port}`, '--receipt', join(place, receipt), '--json'], { env });
  disk.armKill(when, kind, nth);
  const first = await send('first', disk.env);
  if (!disk.hasFailed) expect(first).toMatchObject({ code: 0 });
  else expect(first).toMatchObject({ signal: 'SIGKILL' });
  expectWholeOrAbsent(receiver.out);
  const receipts = ['first'];
  const ended = disk.hasFailed ? await send('second') : undefined;
  if (ended?.code === 0) receipts.push('second');
  await receiver.kill('SIGTERM');
  expect(readdirSync(receiver.out)).toEqual(['file']);
  expectWholeOrAbsent(receiver.out);
  for (const receipt of receipts.map((name) => join(place, name)).filter(existsSync)) {
    const { role, files } = JSON.parse(readFileSync(receipt, 'utf8'));
    expect({ role, files }).toMatchObject({ role: 'sender', files: [{ name: 'file', status: 'stored', size: SIZE }] });
  }
  return ended;
}

const SENDER_POINTS: readonly (readonly [string, When, FaultKind, number, isThere: boolean])[] = [
  ['after it opened the file', 'before', 'read', 1, false],
  ['mid-read', 'after', 'read', 2, false],
  ['after its first datagram', 'after', 'send', 1, false],
  ['mid-transfer', 'after', 'send', 8, false],
  ['before the receipt is written', 'before', 'create', 1, true],
  ['after the receipt has its name', 'after', 'link', 1, true],
];

describe.skipIf(process.platform !== 'linux')('a sender that is killed', () => {
  test.concurrent.each(SENDER_POINTS)(
    '%s: whole or absent, and the next run ends well',
    async (_name, when, kind, nth, isThere) => {
      const faults = makeDisk();
      if (faults === undefined) return;
      const ended = await crashSender(faults, when, kind, nth);
      expect(ended).toMatchObject({ code: 0 });
      expect(ended && textOf(ended)).toBe(isThere ? 'already there' : '');
    },
  );

  test.runIf(SWEEP).each<FaultKind>(['read', 'send', 'create', 'write', 'sync', 'link', 'unlink'])(
    'before and after every call of %s',
    { timeout: 1_200_000 },
    (kind) => sweep(kind, crashSender),
  );
});
