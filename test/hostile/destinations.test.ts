import { execFileSync, spawn } from 'node:child_process';
import { once } from 'node:events';
import { chmodSync, lstatSync, mkdirSync, readFileSync, rmSync, symlinkSync, writeFileSync } from 'node:fs';
import { createServer } from 'node:net';
import { join } from 'node:path';
import { expect, onTestFinished, test } from 'vitest';
import { TRANSFER_CODE } from '../../src/transfer/codes.ts';
import { useBench } from '../e2e/processes.ts';
import { describeTree } from '../store/tree.ts';
import { anyEntry, sendEntries } from './send-entries.ts';
import { READABLE } from './served.ts';

const bench = useBench();
const utf8 = (text: string): Uint8Array => new TextEncoder().encode(text);

/** What may be there already, each under a name of its own; victims are beside the directory. */
const THERE: Record<string, (path: string) => Promise<void> | void> = {
  file: (path) => writeFileSync(path, 'old'),
  'read-only': (path) => {
    writeFileSync(path, 'old');
    chmodSync(path, 0o444);
  },
  directory: (path) => mkdirSync(path),
  'link-to-file': (path) => symlinkSync('../victim', path),
  'link-to-directory': (path) => symlinkSync('../victims', path),
  'dangling-link': (path) => symlinkSync('../nothing', path),
  fifo: (path) => void execFileSync('mkfifo', [path]),
  socket: async (path) => {
    const server = createServer().listen(path);
    await once(server, 'listening');
    onTestFinished(() => void server.close());
  },
};

test.each<[policy: string, expected: (name: string) => string]>([
  ['--rename', () => 'stored'],
  ['--overwrite', (name) => (['file', 'read-only'].includes(name) ? 'stored' : 'refused')],
  ['--skip-existing', () => 'skipped'],
  ['', () => 'refused'],
])('recv %s: whatever is there is kept as it is, or replaced if it is a regular file', async (policy, expected) => {
  const parent = bench.directory();
  const out = join(parent, 'out');
  mkdirSync(out);
  mkdirSync(join(parent, 'victims'));
  writeFileSync(join(parent, 'victim'), 'victim');
  for (const [name, make] of Object.entries(THERE)) await make(join(out, name));
  const before = await describeTree(parent);
  const receiver = await bench.recv([...(policy === '' ? [] : [policy]), ...READABLE], { out });
  const names = Object.keys(THERE);
  const contents = names.map((name) => utf8(`new ${name}`));
  const outcomes = await sendEntries(
    receiver.port,
    names.map((name, i) => anyEntry(utf8(name), contents[i])),
  );
  expect(outcomes.map((outcome) => outcome?.status)).toEqual(names.map(expected));
  const after = await describeTree(parent);
  const isReplaced = (line: string): boolean =>
    policy === '--overwrite' && ['"out/file"', '"out/read-only"'].some((path) => line.startsWith(path));
  expect(before.filter((line) => !isReplaced(line) && !after.includes(line))).toEqual([]);
  const added = after.filter((line) => !before.includes(line));
  expect(added).toHaveLength(outcomes.filter((outcome) => outcome?.status === 'stored').length);
  for (const [i, name] of names.entries()) {
    if (outcomes[i]?.status !== 'stored') continue;
    const path = join(out, policy === '--rename' ? `${name} (1)` : name);
    expect(lstatSync(path).isFile()).toBe(true);
    expect(readFileSync(path, 'utf8')).toBe(`new ${name}`);
  }
});

/** Turns a name into a file, a link to the victim and a directory, over and over, and counts. */
const RACER = `
const { writeFileSync, rmSync, symlinkSync, mkdirSync } = require('node:fs');
const [, name] = process.argv;
const attempt = (act) => { try { act(); } catch {} };
const remove = () => attempt(() => rmSync(name, { recursive: true, force: true }));
let rounds = 0;
const race = () => {
  for (let i = 0; i < 20; i++, rounds++) {
    attempt(() => writeFileSync(name, 'theirs', { flag: 'wx' })); remove();
    attempt(() => symlinkSync('../victim', name)); remove();
    attempt(() => mkdirSync(name)); remove();
    attempt(() => symlinkSync('../victims', name)); remove();
  }
  setImmediate(race);
};
process.on('SIGTERM', () => { process.stdout.write(String(rounds), () => process.exit()); });
process.stdout.write('racing ', race);
`;

const BORNE: readonly number[] = [TRANSFER_CODE.ok, TRANSFER_CODE.exists, TRANSFER_CODE.store];

/** More by hand: UDPCP_RACES=500. */
const { UDPCP_RACES = '50' } = process.env;
const MOST_ROUNDS = 20;

test.each(['--overwrite', '--rename', ''])(
  'recv %s: a name that turns into links and directories all the time leads nowhere',
  async (policy) => {
    const parent = bench.directory();
    const out = join(parent, 'out');
    for (const path of [out, join(parent, 'victims')]) mkdirSync(path);
    writeFileSync(join(parent, 'victim'), 'victim');
    const outside = async () => (await describeTree(parent)).filter((line) => !line.startsWith('"out/'));
    const before = await outside();
    const receiver = await bench.recv([...(policy === '' ? [] : [policy]), ...READABLE], { out });
    const racer = spawn(process.execPath, ['-e', RACER, join(out, 'x')], { stdio: ['ignore', 'pipe', 'inherit'] });
    let said = '';
    racer.stdout.setEncoding('utf8').on('data', (text: string) => (said += text));
    await once(racer.stdout, 'data');
    const transfers = Array.from({ length: Number(UDPCP_RACES) }, () => anyEntry(utf8('x')));
    const outcomes: Awaited<ReturnType<typeof sendEntries>>[number][] = [];
    const isStored = (): boolean => outcomes.some((outcome) => outcome?.status === 'stored');
    // Who wins is the scheduler's choice: again, until one of them did.
    for (let i = 0; i < MOST_ROUNDS && !isStored(); i++)
      outcomes.push(...(await sendEntries(receiver.port, transfers)));
    racer.kill('SIGTERM');
    await once(racer, 'close');
    expect(Number(said.split(' ')[1])).toBeGreaterThan(10);
    expect(await outside()).toEqual(before);
    expect(outcomes.every((outcome) => outcome !== undefined && BORNE.includes(outcome.code))).toBe(true);
    expect(isStored()).toBe(true);
    expect(receiver.child.exitCode).toBeNull();
    rmSync(join(out, 'x'), { recursive: true, force: true });
  },
);
