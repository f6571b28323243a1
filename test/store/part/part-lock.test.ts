import { spawn } from 'node:child_process';
import { mkdir, readdir, symlink, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { describe, expect, test } from 'vitest';
import { REAL_FILE_SYSTEM } from '../../../src/store/file-system.ts';
import { openOutDirectory } from '../../../src/store/out-directory.ts';
import { isOwnerRunning, ownName, parseOwnName, passingId, resumableId } from '../../../src/store/part/own-names.ts';
import { takeLock } from '../../../src/store/part/part-lock.ts';
import { thisProcess } from '../../../src/store/part/process-identity.ts';
import { temporaryDirectory } from '../temporary.ts';

const ID = resumableId([Buffer.from('x')]);

async function place() {
  const out = await temporaryDirectory();
  const { directory } = await openOutDirectory(out, REAL_FILE_SYSTEM);
  const lock = join(out, ownName(ID, 'lock'));
  return { out, lock, directory, take: () => takeLock(REAL_FILE_SYSTEM, directory, ID) };
}

const { pid, start, boot } = await thisProcess();
const knowsStart = start !== '-';

/** A lock, and who is in it. */
async function leave(lock: string, ...holders: readonly string[]): Promise<void> {
  await mkdir(lock);
  for (const holder of holders) await mkdir(join(lock, holder));
}

const DEAD = `999999999_${start}_${boot}`;

describe('a lock', () => {
  test('is one process and store at a time, until it is released', async () => {
    const { out, take, directory } = await place();
    const release = await take();
    expect(release).toBeDefined();
    expect(await take()).toBeUndefined();
    await release?.();
    const again = await take();
    expect(again).toBeDefined();
    await again?.();
    expect(await readdir(out)).toEqual([]);
    await directory.close();
  });

  test.each([
    ['of a process that is gone', [DEAD], true],
    ['of several that are gone', [DEAD, `999999998_${start}_${boot}`], true],
    ['of an earlier process with our number', [`${pid}_1${start}_${boot}`], knowsStart],
    ['of another boot', [`${pid}_${start}_0-${boot}`], true],
    ['of nobody', [], true],
    ['of a process that runs', [`${pid}_${start}_${boot}`], false],
    ['of one that is gone and one that runs', [DEAD, `${pid}_${start}_${boot}`], false],
    ['that says something else', ['x'], false],
  ])('%s: taken over %#', async (_what, holders, isFree) => {
    const { out, lock, take, directory } = await place();
    await leave(lock, ...holders);
    const release = await take();
    expect(release !== undefined).toBe(isFree);
    if (isFree) expect(await readdir(lock)).toEqual([`${pid}_${start}_${boot}`]);
    expect(await readdir(out)).toEqual([ownName(ID, 'lock')]);
    await directory.close();
  });

  test.each([
    ['that is a file', (lock: string) => writeFile(lock, '')],
    ['that is a link', (lock: string) => symlink('nowhere', lock)],
    ['that is a link to a directory', (lock: string) => symlink('.', lock)],
  ])('%s is held', async (_what, make) => {
    const { out, lock, take, directory } = await place();
    await make(lock);
    expect(await take()).toBeUndefined();
    expect(await readdir(out)).toEqual([ownName(ID, 'lock')]);
    await directory.close();
  });

  test('left by a dead process goes to exactly one of many that want it', { timeout: 60_000 }, async () => {
    const { out, lock, directory } = await place();
    const racers = Array.from({ length: 4 }, () => new Racer(out));
    await Promise.all(racers.map((racer) => racer.says()));
    for (let round = 0; round < 25; round++) {
      await leave(lock, DEAD);
      const results = await Promise.all(racers.map((racer) => racer.ask('take')));
      expect(results.filter((result) => result === 'won')).toHaveLength(1);
      await Promise.all(racers.map((racer) => racer.ask('release')));
      expect(await readdir(out)).toEqual([]);
    }
    await Promise.all(racers.map((racer) => racer.end()));
    await directory.close();
  });
});

/** A process that takes the lock when it is told to. */
class Racer {
  readonly #child;
  #answer: (line: string) => void = () => {};

  constructor(out: string) {
    const dist = new URL('../../../dist/store/part/', import.meta.url);
    const script = `
      import { createInterface } from 'node:readline';
      import * as files from 'node:fs/promises';
      const { takeLock } = await import('${new URL('part-lock.js', dist)}');
      const { openOutDirectory } = await import('${new URL('../out-directory.js', dist)}');
      const { directory } = await openOutDirectory(${JSON.stringify(out)}, files);
      let release;
      console.log('ready');
      for await (const line of createInterface(process.stdin)) {
        if (line === 'take') release = await takeLock(files, directory, '${ID}');
        else await release?.();
        console.log(line === 'take' && release !== undefined ? 'won' : 'lost');
        if (line === 'release') release = undefined;
      }`;
    this.#child = spawn(process.execPath, ['--input-type=module', '-e', script], {
      stdio: ['pipe', 'pipe', 'inherit'],
    });
    this.#child.stdout.setEncoding('utf8').on('data', (text: string) => this.#answer(text.trim()));
  }

  says(): Promise<string> {
    return new Promise((resolve) => {
      this.#answer = resolve;
    });
  }

  ask(what: 'take' | 'release'): Promise<string> {
    const said = this.says();
    this.#child.stdin.write(`${what}\n`);
    return said;
  }

  end(): Promise<void> {
    this.#child.stdin.end();
    return new Promise((resolve) => {
      this.#child.once('close', () => resolve());
    });
  }
}

describe('names of our own', () => {
  test('of a path are always the same, and differ for other paths', () => {
    const path = (...names: string[]) => resumableId(names.map((name) => Buffer.from(name)));
    expect(path('a', 'b')).toBe(path('a', 'b'));
    expect(new Set([path('ab'), path('a', 'b'), path('b', 'a'), path('a\u0001b')]).size).toBe(4);
    expect(parseOwnName(ownName(path('a'), 'part'))).toEqual({ id: path('a'), kind: 'part' });
    expect(parseOwnName('.udpcp-x.part')).toBeUndefined();
  });

  test('that nobody will want again say whose they are', async () => {
    const id = await passingId();
    expect(await passingId()).not.toBe(id);
    expect(parseOwnName(ownName(id, 'part'))).toEqual({ id, kind: 'part' });
    expect(await isOwnerRunning(id)).toBe(true);
    expect(await isOwnerRunning(id.replace(`-${process.pid}-`, '-999999999-'))).toBe(false);
    expect(await isOwnerRunning(resumableId([Buffer.from('a')]))).toBeUndefined();
  });
});
