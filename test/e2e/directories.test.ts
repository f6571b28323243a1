import { execFileSync } from 'node:child_process';
import { mkdirSync, readdirSync, readFileSync, symlinkSync, utimesSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, test } from 'vitest';
import { listTree } from '../store/send-tree.ts';
import { describeTree } from '../store/tree.ts';
import { makeDirectory, ROOT, useBench } from './processes.ts';

const bench = useBench();

/** `src` in a directory of its own: files, an empty directory, a hidden one, a link, a pipe. */
function source(): string {
  const path = makeDirectory(bench.directory(), 'src');
  mkdirSync(join(path, 'a/b/empty'), { recursive: true });
  mkdirSync(join(path, '.git'));
  writeFileSync(join(path, 'a/f.txt'), 'f');
  writeFileSync(join(path, 'a/f.o'), 'object');
  writeFileSync(join(path, '.git/config'), 'config');
  writeFileSync(join(path, 'tool'), 'tool', { mode: 0o755 });
  symlinkSync('a/f.txt', join(path, 'link'));
  utimesSync(join(path, 'a'), 1_000_000_000, 1_000_000_000);
  return path;
}

test('a directory arrives with everything in it, and what is kept is equal', async () => {
  const path = source();
  const receiver = await bench.recv();
  const sent = await bench.send(['-p', '--links', path, `127.0.0.1:${receiver.port}`]);
  expect(sent).toMatchObject({ code: 0, stderr: expect.stringMatching(/sent 4 files, 5 directories, 1 link, /) });
  expect(await listTree(join(receiver.out, 'src'))).toEqual(await listTree(path));
  expect(readdirSync(receiver.out)).toEqual(['src']);
});

test('. is sent under its real name, another one under a name that is given, and both into what is there', async () => {
  const path = source();
  const receiver = await bench.recv(['--allow-hidden']);
  const target = `127.0.0.1:${receiver.port}`;
  execFileSync('mkfifo', [join(path, 'pipe')]);
  const sent = await bench.send(['.', target, '--exclude', '*.o', '--exclude', '.git/'], { cwd: path });
  expect(sent).toMatchObject({ code: 0, stderr: expect.stringContaining('skipped 1 symbolic link, 1 pipe (--links ') });
  expect(await bench.send([join(path, 'a'), target, '--as', 'src'])).toMatchObject({ code: 0 });
  const names = (await listTree(receiver.out)).map((line) => line.split(' ')[0]);
  expect(names).toEqual(
    ['src/', 'src/a/', 'src/a/b/', 'src/a/b/empty/', 'src/a/f.txt', 'src/b/', 'src/b/empty/'].concat([
      'src/f.o',
      'src/f.txt',
      'src/tool',
    ]),
  );
});

describe('a dry run', () => {
  test('lists what would arrive, and talks to nobody', async () => {
    const path = source();
    const ran = await bench.send(['--dry-run', '--links', path, 'nobody.invalid']);
    expect(ran).toMatchObject({ code: 0, stderr: 'would send 4 files, 1 directory, 1 link, 17 B\n' });
    expect(ran.stdout.split('\n').map((line) => line.replace(/ +/g, ' '))).toEqual([
      'file 6 src/.git/config',
      'directory - src/a/b/empty/',
      'file 6 src/a/f.o',
      'file 1 src/a/f.txt',
      'link - src/link -> a/f.txt',
      'file 4 src/tool',
      '',
    ]);
  });

  test('may be JSON, also when it finds what cannot be sent', async () => {
    const path = source();
    const ran = await bench.send(['--dry-run', '--json', path, 'nobody.invalid']);
    expect(JSON.parse(ran.stdout)).toMatchObject({
      type: 'list',
      totals: { files: 4, directories: 1, links: 0, bytes: 17 },
      leftOut: [{ path: join(path, 'link'), why: 'link' }],
    });
    const failed = await bench.send(['--dry-run', '--json', `${path}-missing`, 'nobody.invalid']);
    expect(failed.code).toBe(5);
    expect(JSON.parse(failed.stdout)).toMatchObject({ ok: false, exitCode: 5, error: { code: 'ERR_LOCAL_FILE' } });
  });
});

describe('nothing is sent', () => {
  const outside = (path: string): void => symlinkSync('../..', join(path, 'outside'));
  const bytes = (path: string): void => writeFileSync(Buffer.from(`${path}/\xff`, 'latin1'), '');
  test.each([
    [
      'a link that points outside',
      outside,
      ['--links'],
      5,
      /outside: the link to \.\.\/\.\. points outside of what is /,
    ],
    [
      'a name that is not UTF-8',
      bytes,
      [],
      5,
      /src\/\\xff: its name is not UTF-8; rename it, or leave it out with --ex/,
    ],
    ['the same name twice', () => {}, [ROOT, '--as', 'x'], 2, /one name for several files/],
    ['links that are followed and not', () => {}, ['--links', '--follow'], 2, /cannot be used with option/],
    ['an empty glob', () => {}, ['--exclude', '/'], 2, /A glob, like /],
  ])('with %s', async (_what, change, args, code, words) => {
    const path = source();
    change(path);
    // The host does not exist: it is not even asked for.
    const sent = await bench.send([...args, path, 'nobody.invalid']);
    expect(sent).toMatchObject({ code, stderr: expect.stringMatching(words) });
    expect(sent.stderr).toMatch(/^udpcp: .*\n$/);
  });
});

test('a directory that turns into a link outside all the time never leads there', async () => {
  const path = makeDirectory(bench.directory(), 'd');
  for (let i = 0; i < 200; i++) writeFileSync(join(path, `f${i}`), `${i}`);
  const victim = bench.directory();
  writeFileSync(join(victim, 'theirs'), 'theirs');
  const before = await describeTree(victim);
  const receiver = await bench.recv(['--overwrite']);
  const racer = bench.start([join(receiver.out, 'd'), victim], {
    command: [process.execPath, join(ROOT, 'test/e2e/swap-directory.js')],
  });
  await racer.says(/swapping/, 'stdout');
  let refused = 0;
  for (let i = 0; i < 2; i++) {
    const { code, stderr } = await bench.send([path, `127.0.0.1:${receiver.port}`]);
    expect([0, 6, 8]).toContain(code);
    refused += stderr.match(/d exists and is not a directory|cannot store d\//g)?.length ?? 0;
  }
  const { stdout } = await racer.kill('SIGTERM');
  expect(Number(/swapped (\d+) times/.exec(stdout)?.[1])).toBeGreaterThan(100);
  expect(refused).toBeGreaterThan(0); // it met the link
  expect(await describeTree(victim)).toEqual(before);
  expect(readFileSync(join(victim, 'theirs'), 'utf8')).toBe('theirs');
});
