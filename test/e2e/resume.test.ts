import { mkdirSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { describe, expect, test } from 'vitest';
import { content, largestPart, makeDirectory, type Receiving, until, useBench } from './processes.ts';

const bench = useBench();

const MIB = 1024 * 1024;
const CONTENT = content(6 * MIB);
/** A transfer of the content takes several seconds. */
const SLOW = ['--rate', '16M'];

/** A sender of which more than two chunks have arrived. */
async function midway(receiver: Receiving, path: string) {
  const sender = bench.start(['send', path, `127.0.0.1:${receiver.port}`, '--retry-for', '0', ...SLOW]);
  await until(() => largestPart(receiver.out) > 2 * MIB);
  return sender;
}

/** Sends the rest, and tells how many bytes of it were content. */
async function sendRest(receiver: Receiving, path: string, args: readonly string[] = []): Promise<number> {
  const { code, stdout, stderr } = await bench.send([path, `127.0.0.1:${receiver.port}`, '--json', ...args]);
  expect({ code, stderr: stderr.match(/^udpcp:.*/m)?.[0] }).toEqual({ code: 0, stderr: undefined });
  expect(readFileSync(join(receiver.out, 'large')).equals(readFileSync(path))).toBe(true);
  expect(readdirSync(receiver.out)).toEqual(['large']);
  const { files, statistics } = JSON.parse(stdout);
  const [{ resumedBytes, alreadyThere, size }] = files;
  expect({ alreadyThere, isAtChunk: resumedBytes % MIB === 0, isPart: resumedBytes < size }).toEqual({
    alreadyThere: false,
    isAtChunk: true,
    isPart: true,
  });
  return statistics.session.bytesSent;
}

describe('a transfer goes on when it is begun again', () => {
  test('after its receiver was killed', async () => {
    const first = await bench.recv(['--idle-timeout', '1s']);
    const path = bench.file('large', CONTENT);
    const sender = await midway(first, path);
    await first.kill('SIGKILL');
    expect(await sender.ended).toMatchObject({ code: 4 });
    const second = await bench.recv([], { out: first.out });
    expect(await sendRest(second, path)).toBeLessThan(4.6 * MIB);
  });

  test('and both sides tell from where, and how much was there', async () => {
    const receiver = await bench.recv();
    const path = bench.file('large', CONTENT);
    await (await midway(receiver, path)).kill('SIGINT');
    await until(() => readdirSync(receiver.out).length === 2);
    const send = () => bench.send([path, `127.0.0.1:${receiver.port}`]);
    const { stderr } = await send();
    expect(stderr).toMatch(/^resuming large at (33|50|66|83)%$/m);
    expect(stderr).toMatch(/^sent 1 file, [\d.]+ MB \([\d.]+ MB were there already\) in /m);
    await receiver.says(/^resuming large at (33|50|66|83)%, from 127\S+$/m);
    await receiver.says(/^stored large, 6.29 MB, from 127\S+$/m);
    expect((await send()).stderr).toMatch(
      /^1 file was there already, nothing had to be sent\n\S+large: already there$/m,
    );
    await receiver.says(/^already there large, 6.29 MB, from 127\S+$/m);
  });

  test('after its sender was killed, without waiting for the old session to time out', async () => {
    const receiver = await bench.recv();
    const path = bench.file('large', CONTENT);
    await (await midway(receiver, path)).kill('SIGKILL');
    expect(await sendRest(receiver, path)).toBeLessThan(4.6 * MIB);
  });

  test('after it was interrupted, with the content that the file has by then', async () => {
    const receiver = await bench.recv();
    const path = bench.file('large', CONTENT);
    await (await midway(receiver, path)).kill('SIGINT');
    await until(() => readdirSync(receiver.out).length === 2);
    const changed = Buffer.from(CONTENT);
    changed.fill('!', 1_500_000, 1_500_010);
    writeFileSync(path, changed);
    const sent = await sendRest(receiver, path);
    expect([sent > 4 * MIB, sent < 5.6 * MIB]).toEqual([true, true]); // one chunk more
  });

  test('with --restart from its beginning', async () => {
    const receiver = await bench.recv();
    const path = bench.file('large', CONTENT);
    await (await midway(receiver, path)).kill('SIGINT');
    await until(() => readdirSync(receiver.out).length === 2);
    expect(await sendRest(receiver, path, ['--restart'])).toBeGreaterThan(6 * MIB);
  });
});

describe('a directory with hidden names goes on after its receiver was killed', () => {
  const TREE = ['.git/config', '.hidden', 'a', 'sub/.x/y'];
  const source = (): string => {
    const path = makeDirectory(bench.directory(), 'project');
    for (const name of TREE) {
      mkdirSync(join(path, dirname(name)), { recursive: true });
      writeFileSync(join(path, name), name);
    }
    writeFileSync(join(path, 'large'), CONTENT);
    return path;
  };

  test('by the same command, and leaves nothing', async () => {
    const first = await bench.recv();
    const path = source();
    await (await midway(first, path)).kill('SIGKILL');
    await first.kill('SIGKILL');
    const second = await bench.recv([], { out: first.out });
    const ended = await bench.send([path, `127.0.0.1:${second.port}`]);
    expect(ended).toMatchObject({ code: 0, stderr: expect.stringContaining('resuming project/large') });
    for (const name of [...TREE, 'large'])
      expect(readFileSync(join(first.out, 'project', name)).equals(readFileSync(join(path, name)))).toBe(true);
    await until(() => readdirSync(first.out).length === 1);
  });

  test('but not one that somebody else put there meanwhile', async () => {
    const first = await bench.recv();
    const path = source();
    await (await midway(first, path)).kill('SIGKILL');
    await first.kill('SIGKILL');
    rmSync(join(first.out, 'project'), { recursive: true });
    mkdirSync(join(first.out, 'project'));
    const second = await bench.recv([], { out: first.out });
    const ended = await bench.send([path, `127.0.0.1:${second.port}`]);
    expect(ended).toMatchObject({ code: 8, stderr: expect.stringContaining('in a directory that was there before') });
    expect(readdirSync(join(first.out, 'project')).sort()).toEqual(['a', 'large', 'sub']);
  });
});

test('recv --no-resume keeps nothing', async () => {
  const receiver = await bench.recv(['--no-resume']);
  const sender = await midway(receiver, bench.file('large', CONTENT));
  await sender.kill('SIGINT');
  await until(() => readdirSync(receiver.out).length === 0);
});

test('what is left is listed and purged, unless it is in use', async () => {
  const receiver = await bench.recv();
  const { out } = receiver;
  const sender = await midway(receiver, bench.file('large', CONTENT));
  const tool = (...args: string[]) => bench.start(['recv', '--out', out, ...args]).ended;
  const live = await tool('--list-partials', '--json');
  expect(JSON.parse(live.stdout)).toMatchObject({ partials: [{ name: 'large', size: CONTENT.length, inUse: true }] });
  expect((await tool('--purge-partials', '0s')).stderr).toBe('removed 0 partial files\n');
  await sender.kill('SIGINT');
  await until(() => readdirSync(out).length === 2);
  expect((await tool('--purge-partials', '1h')).stderr).toBe('removed 0 partial files\n');
  const { code, stdout } = await tool('--list-partials');
  expect(code).toBe(0);
  expect(stdout).toMatch(/^HAVE +AGE +STATE +NAME\n[\d.]+ MB of 6\.29 MB +\d+ s +kept +large\n$/);
  expect((await tool('--purge-partials', '0s')).stderr).toBe('removed 1 partial file\n');
  expect(readdirSync(out)).toEqual([]);
  expect(await tool('--list-partials')).toMatchObject({ code: 0, stdout: '' });
});

test('a receiver begins with the removal of what was left too long ago', async () => {
  const receiver = await bench.recv();
  const { out } = receiver;
  await (await midway(receiver, bench.file('large', CONTENT))).kill('SIGINT');
  await receiver.kill('SIGTERM');
  const kept = readdirSync(out);
  expect(kept).toHaveLength(2);
  await (await bench.recv([], { out })).kill('SIGTERM');
  expect(readdirSync(out)).toEqual(kept);
  await (await bench.recv(['--keep-partials', '0s'], { out })).kill('SIGTERM');
  expect(readdirSync(out)).toEqual([]);
});

test.each([
  [['--list-partials', '--purge-partials', '1d'], 2],
  [['--purge-partials', '7'], 2],
])('recv %s is a usage error', async (args, code) => {
  const ended = await bench.start(['recv', '--out', bench.directory(), ...args]).ended;
  expect(ended).toMatchObject({ code, stdout: '' });
  expect(ended.stderr).toMatch(/^udpcp: [^\n]+\n$/);
});
