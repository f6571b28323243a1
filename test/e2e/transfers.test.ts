import { readdirSync, readFileSync, symlinkSync } from 'node:fs';
import { basename, dirname, join } from 'node:path';
import { expect, test } from 'vitest';
import { content, sha256, useBench } from './processes.ts';

const bench = useBench();

const SIZES = [0, 1, 1199, 1200, 1201, 1_048_576];

test.each([
  ['IPv4', '127.0.0.1', '127.0.0.1', []],
  ['IPv6', '::1', '[::1]', []],
  ['a name', '::', 'localhost', []],
  ['IPv4 without encryption', '127.0.0.1', '127.0.0.1', ['--plaintext']],
])('files of every size arrive over %s', async (_, bind, host, security) => {
  const receiver = await bench.recv(['--bind', bind, ...security]);
  const paths = SIZES.map((size) => bench.file(`${size} bytes`, content(size)));
  const { code, stderr, stdout } = await bench.send([...paths, `${host}:${receiver.port}`, ...security]);
  expect({ code, stdout }).toEqual({ code: 0, stdout: '' });
  expect(stderr).toMatch(/^sent 6 files, 1.05 MB in /m);
  expect(readdirSync(receiver.out).sort()).toEqual(paths.map((path) => basename(path)).sort());
  for (const path of paths) expect(sha256(join(receiver.out, basename(path)))).toBe(sha256(path));
});

test('both sides tell of each file, and --verbose of its SHA-256', async () => {
  const receiver = await bench.recv(['--verbose']);
  const path = bench.file('photo.jpg', content(5000));
  const sent = await bench.send([path, `127.0.0.1:${receiver.port}`, '--verbose']);
  const digest = sha256(path);
  expect(sent.stderr).toContain(`${digest}  ${path}\n`);
  await receiver.says(/^received 1 file, 5 kB in /m);
  expect(receiver.stderr).toMatch(/^127\.0\.0\.1:\d+ began a transfer$/m);
  expect(receiver.stderr).toMatch(/^stored photo\.jpg, 5 kB, from 127\.0\.0\.1:\d+$/m);
  expect(receiver.stderr).toContain(`${digest}  photo.jpg\n`);
});

test('--mtu and --rate bound what is sent, and --verbose tells of the datagrams', async () => {
  const receiver = await bench.recv();
  const args = [bench.file('f', content(1_000_000)), `127.0.0.1:${receiver.port}`, '--mtu', '1400', '--rate', '8M'];
  const sent = await bench.send([...args, '--verbose', '--json']);
  const { elapsedMs, statistics } = JSON.parse(sent.stdout);
  expect(statistics.datagramSize).toBe(1372);
  // 1000 bytes per millisecond, and what an initial window holds at once.
  expect(statistics.session.bytesSent).toBeLessThan(1000 * elapsedMs + 20_000);
  const plain = await bench.send([bench.file('g', content(200_000)), ...args.slice(1), '--verbose']);
  expect(plain.stderr).toMatch(/^selective-repeat, window \d+, \S+, datagrams of 1372 bytes, RTT /m);
});

test('--quiet says nothing on either side', async () => {
  const out = bench.directory();
  const receiver = bench.start(['recv', '--out', out, '--port', '0', '--quiet', '--once', '--jsonl']);
  const [, port] = await receiver.says(/"port":(\d+)/, 'stdout');
  const sent = await bench.send([bench.file('f', 'x'), `localhost:${port}`, '--quiet']);
  expect(sent).toMatchObject({ code: 0, stdout: '', stderr: '' });
  expect(await receiver.ended).toMatchObject({ code: 0, stderr: '' });
});

test('--as gives one file another name, and no more than one', async () => {
  const receiver = await bench.recv();
  const [first, second] = [bench.file('a', 'first'), bench.file('b', 'second')];
  const target = `127.0.0.1:${receiver.port}`;
  expect(await bench.send([first, target, '--as', 'höhe.txt'])).toMatchObject({ code: 0 });
  expect(readFileSync(join(receiver.out, 'höhe.txt'), 'utf8')).toBe('first');
  expect(await bench.send([first, second, target, '--as', 'c'])).toMatchObject({ code: 2 });
  expect(readdirSync(receiver.out)).toEqual(['höhe.txt']);
});

test('a symbolic link to a file is followed and keeps its own name', async () => {
  const receiver = await bench.recv();
  const path = bench.file('target', 'content');
  const link = join(dirname(path), 'link');
  symlinkSync(path, link);
  expect(await bench.send([link, `127.0.0.1:${receiver.port}`])).toMatchObject({ code: 0 });
  expect(readFileSync(join(receiver.out, 'link'), 'utf8')).toBe('content');
});

test('one that cannot be sent stops all of them before anything is sent', async () => {
  const receiver = await bench.recv();
  const path = bench.file('good', 'x');
  const sent = await bench.send([path, `${path}-missing`, `127.0.0.1:${receiver.port}`]);
  expect(sent).toMatchObject({ code: 5, stderr: `udpcp: cannot send ${path}-missing: no such file or directory\n` });
  expect(readdirSync(receiver.out)).toEqual([]);
});
