import { readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { content, makeDirectory, useBench } from './processes.ts';

const bench = useBench();

test.each([
  { flags: [], code: 6, files: { 'a.txt': 'old' }, says: /^udpcp: \S+: it was not stored: a\.txt exists$/m },
  { flags: ['--overwrite'], code: 0, files: { 'a.txt': 'new' }, says: /^sent 1 file, 3 B/m },
  { flags: ['--rename'], code: 0, files: { 'a.txt': 'old', 'a (1).txt': 'new' }, says: /^sent 1 file, 3 B/m },
  { flags: ['--skip-existing'], code: 0, files: { 'a.txt': 'old' }, says: /^skipped \S+: a\.txt exists$/m },
])('a name that exists, recv $flags', async ({ flags, code, files, says }) => {
  const out = bench.directory();
  writeFileSync(join(out, 'a.txt'), 'old');
  const receiver = await bench.recv(flags, { out });
  const sent = await bench.send([bench.file('a.txt', 'new'), `127.0.0.1:${receiver.port}`]);
  expect(sent).toMatchObject({ code, stdout: '' });
  expect(sent.stderr).toMatch(says);
  expect(contents(out)).toEqual(files);
});

test('names that do harm are refused, and nothing is stored', async () => {
  const receiver = await bench.recv();
  for (const [name, why] of [
    ['.bashrc', 'the name is hidden (begins with a dot)'],
    ['.udpcp-0123.part', 'the name begins with .udpcp-'],
    ['\x1b[2J', 'the name contains a control or invisible character'],
  ] as const) {
    const sent = await bench.send([bench.file(name, 'x'), `127.0.0.1:${receiver.port}`]);
    expect(sent.code).toBe(6);
    expect(sent.stderr.endsWith(`${name.replace('\x1b', '\\u{1b}')}: the receiver refused it: ${why}\n`)).toBe(true);
  }
  expect(readdirSync(receiver.out)).toEqual([]);
});

test('--allow-hidden takes names that begin with a dot', async () => {
  const receiver = await bench.recv(['--allow-hidden']);
  const sent = await bench.send([bench.file('.profile', 'x'), `127.0.0.1:${receiver.port}`]);
  expect(sent).toMatchObject({ code: 0 });
  expect(contents(receiver.out)).toEqual({ '.profile': 'x' });
});

test('some stored and some not is a code of its own, and each that was not is named once', async () => {
  const receiver = await bench.recv(['--max-size', '10', '--plaintext']);
  const [small, large] = [bench.file('small', 'x'), bench.file('large', 'x'.repeat(11))];
  const sent = await bench.send([small, large, `127.0.0.1:${receiver.port}`, '--plaintext']);
  expect(sent.code).toBe(8);
  expect(sent.stderr).toMatch(/^sent 1 file, 1 B in /);
  expect(sent.stderr.split('\n').slice(1)).toEqual([
    `udpcp: ${large}: the receiver refused it: large is larger than 10 bytes, the most that is taken`,
    'udpcp: 1 of 2 files were not stored',
    '',
  ]);
  expect(contents(receiver.out)).toEqual({ small: 'x' });
});

test('all refused: each is named, and the code is that of the refusal', async () => {
  const receiver = await bench.recv(['--max-size', '1', '--plaintext']);
  const [first, second] = [bench.file('first', 'xx'), bench.file('second', 'xx')];
  const sent = await bench.send([first, second, `127.0.0.1:${receiver.port}`, '--plaintext']);
  expect(sent.code).toBe(6);
  expect(sent.stderr).toBe(
    [
      `udpcp: ${first}: the receiver refused it: first is larger than 1 bytes, the most that is taken`,
      `udpcp: ${second}: the receiver refused it: second is larger than 1 bytes, the most that is taken`,
      'udpcp: none of the 2 files was stored',
      '',
    ].join('\n'),
  );
});

test('the receiver tells of what it refused and goes on', async () => {
  const receiver = await bench.recv(['--max-size', '1']);
  const target = `127.0.0.1:${receiver.port}`;
  await bench.send([bench.file('long', 'xx'), target]);
  await receiver.says(/^udpcp: long from 127\.0\.0\.1:\d+: refused: long is larger than 1 bytes/m);
  expect(await bench.send([bench.file('f', 'x'), target])).toMatchObject({ code: 0 });
});

test('an output directory that went away fails the transfer and not the receiver', async () => {
  const out = makeDirectory(bench.directory(), 'out');
  const receiver = await bench.recv([], { out });
  const path = bench.file('f', 'x');
  rmSync(out, { recursive: true });
  const sent = await bench.send([path, `127.0.0.1:${receiver.port}`]);
  expect(sent.code).toBe(6);
  expect(sent.stderr).toMatch(
    /^udpcp: \S+: the receiver refused it: the receiver's directory was moved, removed or unmounted: start the receiver again$/m,
  );
  expect(receiver.child.exitCode).toBeNull();
});

test('a name that exists with the same content is no error, and nothing of it is sent', async () => {
  const receiver = await bench.recv();
  const path = bench.file('a.bin', content(500_000));
  expect(await bench.send([path, `127.0.0.1:${receiver.port}`])).toMatchObject({ code: 0 });
  const { code, stderr, stdout } = await bench.send([path, `127.0.0.1:${receiver.port}`, '--json']);
  expect({ code, stderr: stderr.includes('udpcp:') }).toEqual({ code: 0, stderr: false });
  const result = JSON.parse(stdout);
  expect(result).toMatchObject({
    ok: true,
    files: [{ status: 'stored', text: 'already there', resumedBytes: 500_000, alreadyThere: true }],
  });
  expect(readdirSync(receiver.out)).toEqual(['a.bin']);
});

test('sending a file onto itself changes nothing', async () => {
  const path = bench.file('f', 'precious');
  const receiver = await bench.recv([], { out: join(path, '..') });
  const sent = await bench.send([path, `127.0.0.1:${receiver.port}`]);
  expect(sent).toMatchObject({ code: 0 });
  expect(sent.stderr).toContain(`${path}: already there\n`);
  expect(readFileSync(path, 'utf8')).toBe('precious');
});

function contents(directory: string): Record<string, string> {
  return Object.fromEntries(readdirSync(directory).map((name) => [name, readFileSync(join(directory, name), 'utf8')]));
}
