import {
  mkdirSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  realpathSync,
  rmSync,
  symlinkSync,
  writeFileSync,
} from 'node:fs';
import { tmpdir } from 'node:os';
import { join, relative } from 'node:path';
import { afterEach, expect, test } from 'vitest';
import { parseOwnName } from '../../src/store/part/own-names.ts';
import { useBench } from '../e2e/processes.ts';
import { describeTree } from '../store/tree.ts';
import { hostileNames, hostilePaths } from './hostile-names.ts';
import { anyEntry, sendEntries } from './send-entries.ts';
import { READABLE } from './served.ts';

/** More by hand: UDPCP_NAMES=60000 for each receiver. */
const { UDPCP_NAMES = '100', UDPCP_SEED = `${Date.now() % 2 ** 32}` } = process.env;

const bench = useBench();
const neighbourhoods: string[] = [];
afterEach(() => {
  for (const path of neighbourhoods.splice(0)) rmSync(path, { recursive: true, force: true });
});

/** A directory full of what is worth attacking, with `work` in it, from where a receiver is started. */
function neighbourhood(): string {
  const parent = mkdtempSync(join(tmpdir(), 'udpcp-names-'));
  neighbourhoods.push(parent);
  for (const path of ['work', 'work/.ssh', 'work/out-evil', 'etc', '.ssh', 'real']) mkdirSync(join(parent, path));
  for (const path of ['x', '.bashrc', 'etc/passwd', '.ssh/authorized_keys', 'work/x', 'work/out-evil/x']) {
    writeFileSync(join(parent, path), `sentinel ${path}`);
  }
  return parent;
}

/** How people write an output directory, as seen from `work`, and what has to be there before. */
const SHAPES: readonly (readonly [words: string, out: string, prepare?: (work: string) => void])[] = [
  ['a new directory', 'out'],
  ['one that is there', 'out', (work) => mkdirSync(join(work, 'out'))],
  ['with a slash', 'out/'],
  ['with a slash, there', 'out/', (work) => mkdirSync(join(work, 'out'))],
  ['absolute', '/out'],
  ['absolute, there', '/out', (work) => mkdirSync(join(work, 'out'))],
  ['a link to a directory', 'link', (work) => symlinkSync('../real', join(work, 'link'))],
  ['a link with a slash', 'link/', (work) => symlinkSync('../real', join(work, 'link'))],
  ['here', '.'],
  ['here, with a slash', './'],
  ['deep', 'a/b/c/d/out', (work) => mkdirSync(join(work, 'a/b/c/d'), { recursive: true })],
  ['deep, there', 'a/b/c/d/out', (work) => mkdirSync(join(work, 'a/b/c/d/out'), { recursive: true })],
  ['with spaces', ' my out '],
  ['with spaces, there', ' my out ', (work) => mkdirSync(join(work, ' my out '))],
  ['from right to left', '\u05ea\u05d9\u05e7\u05d9\u05d4 \u0645\u062c\u0644\u062f'],
  ['through its parent', 'y/../out/.', (work) => ['y', 'out'].map((path) => mkdirSync(join(work, path)))],
];
const POLICIES = [[], ['--rename'], ['--overwrite'], ['--skip-existing']] as const;

/** Sends every hostile name to a receiver of its own, and looks at everything around its directory. */
async function attack(index: number): Promise<{ stored: number; refused: number }> {
  const [, shape, prepare] = SHAPES[index] ?? ['', 'out'];
  const policy = POLICIES[index % POLICIES.length] ?? [];
  const parent = neighbourhood();
  const work = join(parent, 'work');
  prepare?.(work);
  const out = shape.startsWith('/') ? join(work, shape) : shape;
  const receiver = await bench.recv([...policy, ...READABLE, ...(index % 3 === 0 ? ['--allow-hidden'] : [])], {
    out,
    cwd: work,
  });
  const inside = realpathSync(join(work, shape));
  const there = new Set(readdirSync(inside));
  const own = JSON.stringify(relative(realpathSync(parent), inside)).slice(0, -1);
  const isOutside = (line: string): boolean =>
    !line.startsWith(`${own}/`) ||
    [...there].some((name) => /^["/]/.test(line.slice(`${own}/${name}`.length)) && line.startsWith(`${own}/${name}`));
  const outside = async (): Promise<string[]> => (await describeTree(parent)).filter(isOutside);
  const before = await outside();
  const seed = Number(UDPCP_SEED) + index;
  const names = hostileNames(Number(UDPCP_NAMES), seed);
  const paths = there.size > 0 ? [] : hostilePaths(Math.ceil(names.length / 10), seed);
  const outcomes = await sendEntries(
    receiver.port,
    [...names, ...paths].map((name) => anyEntry(name)),
  );
  const stored = outcomes.slice(0, names.length).filter((outcome) => outcome?.status === 'stored').length;
  expect({ seed, tree: await outside() }).toEqual({ seed, tree: before });
  expect(receiver.child.exitCode).toBeNull();

  // What is inside was sent, whole, under a name that was offered or, with --rename, with a number added to it.
  const offered = new Set(names.map((name) => name.toString()));
  const made = readdirSync(inside, { withFileTypes: true }).filter(
    (it) => it.isFile() && !there.has(it.name) && parseOwnName(it.name)?.kind !== 'made',
  );
  for (const { name } of made) {
    const isOffered = offered.has(name) || (policy[0] === '--rename' && / \(\d+\)/.test(name));
    expect({ seed, name, isOffered }).toEqual({ seed, name, isOffered: true });
    expect(readFileSync(join(inside, name))).toHaveLength(16);
  }
  if (policy[0] === '--rename') expect(made).toHaveLength(stored);
  else expect(made.length).toBeLessThanOrEqual(stored);
  await receiver.kill('SIGKILL');
  return { stored, refused: names.length - stored };
}

test('sixteen receivers, each with its directory written in another way: no name leads outside, and nothing there changes', async () => {
  const all = await Promise.all(SHAPES.map((_, index) => attack(index)));
  expect(all.every(({ stored, refused }) => stored > 10 && refused > 40)).toBe(true);
});

test('names that every object has as keys are names like any other, of files and directories', async () => {
  const keys = ['__proto__', 'constructor', 'prototype', 'toString', 'hasOwnProperty', '__defineGetter__', 'then'];
  const source = join(bench.directory(), '__proto__');
  for (const directory of [source, join(source, '__proto__'), join(source, 'constructor')]) {
    mkdirSync(directory);
    for (const key of keys.slice(2)) writeFileSync(join(directory, key), key);
  }
  const receiver = await bench.recv([...READABLE, '--once', '--json']);
  const sent = await bench.send([source, `127.0.0.1:${receiver.port}`, '--plaintext', '--json']);
  expect(sent.code).toBe(0);
  const received = await receiver.ended;
  expect(received.code).toBe(0);
  const arrived = readdirSync(join(receiver.out, '__proto__'), { recursive: true }).map(String).sort();
  expect(arrived).toEqual(readdirSync(source, { recursive: true }).map(String).sort());
  expect(readFileSync(join(receiver.out, '__proto__/__proto__/toString'), 'utf8')).toBe('toString');
  const count = 3 * (keys.length - 2);
  const { files } = JSON.parse(sent.stdout) as { readonly files: readonly { readonly status: string }[] };
  expect(files.filter(({ status }) => status === 'stored')).toHaveLength(count);
  expect(JSON.parse(received.stdout.trim().split('\n').at(-1) as string)).toMatchObject({ totals: { stored: count } });
});
