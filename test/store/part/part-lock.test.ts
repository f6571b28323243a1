import { spawn } from 'node:child_process';
import { mkdir, readdir, readFile, symlink, utimes, writeFile } from 'node:fs/promises';
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
const old = new Date(Date.now() - 3_600_000);

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
    ['of a process that is gone', `udpcp-lock 1 999999999 ${start} ${boot}\n`, true],
    ['of an earlier process with our number', `udpcp-lock 1 ${pid} 1${start} ${boot}\n`, knowsStart],
    ['of another boot', `udpcp-lock 1 ${pid} ${start} 0-${boot}\n`, true],
    ['of a process that runs', `udpcp-lock 1 ${pid} ${start} ${boot}\n`, false],
    ['that says nothing since an hour', '', true],
    ['that says something else since an hour', 'x'.repeat(5_000), true],
  ])('%s: taken over %#', async (_what, words, isStale) => {
    const { out, lock, take, directory } = await place();
    await writeFile(lock, words);
    await utimes(lock, old, old);
    const release = await take();
    expect(release !== undefined).toBe(isStale);
    if (isStale) expect(await readFile(lock, 'latin1')).toBe(`udpcp-lock 1 ${pid} ${start} ${boot}\n`);
    expect(await readdir(out)).toEqual([ownName(ID, 'lock')]);
    await directory.close();
  });

  test.each([
    ['that was just created', (lock: string) => writeFile(lock, '')],
    ['that is a directory', (lock: string) => mkdir(lock)],
    ['that is a link', (lock: string) => symlink('nowhere', lock)],
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
      await writeFile(lock, `udpcp-lock 1 999999999 ${start} ${boot}\n`);
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
