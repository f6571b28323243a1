import { spawnSync } from 'node:child_process';
import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, test } from 'vitest';
import { expectDescribed } from './json-schema.ts';
import { content, eventsIn, hasArrived, largestPart, ROOT, sha256, UDPCP, until, useBench } from './processes.ts';

const bench = useBench();
const MIB = 1024 * 1024;

const typesIn = (stdout: string): string[] => eventsIn(stdout).map(({ type }) => type);
const withoutProgress = (types: readonly string[]): string[] => types.filter((type) => type !== 'progress');

test('both sides tell of a transfer event by event, and of the same session', async () => {
  const receiver = await bench.recv(['--jsonl', '--max-size', '100k', '--seed', '3', '--loss-in', '1%']);
  const paths = [bench.file('a', content(50_000)), bench.file('b', content(100_001)), bench.file('c', '')];
  const sent = await bench.send([...paths, `127.0.0.1:${receiver.port}`, '--jsonl']);
  expect(sent.code).toBe(8);
  await receiver.says(/"type":"transfer"/, 'stdout');
  const received = await receiver.kill('SIGINT');
  for (const { stdout } of [sent, received]) expectDescribed(stdout);

  expect(withoutProgress(typesIn(sent.stdout))).toEqual(['start', 'session', 'file', 'file', 'file', 'error', 'end']);
  expect(withoutProgress(typesIn(received.stdout))).toEqual([
    'start',
    'session',
    'file',
    'file',
    'file',
    'transfer',
    'end',
  ]);
  const [files, stored] = [sent, received].map(({ stdout }) =>
    eventsIn(stdout, 'file')
      .map(({ name, status, size, sha256 }) => ({ name, status, size, sha256 }))
      .sort((one, other) => (one.name < other.name ? -1 : 1)),
  );
  expect(files).toEqual(stored);
  expect(files).toMatchObject([
    { name: 'a', status: 'stored', size: 50_000, sha256: sha256(paths[0] ?? '') },
    { name: 'b', status: 'refused', sha256: null },
    { name: 'c', status: 'stored', size: 0 },
  ]);
  const words = [sent, received].map(({ stdout }) => eventsIn(stdout, 'session')[0]?.security.fingerprint);
  expect(words[0]).toMatch(/^([a-z]+ ){4}[a-z]+$/);
  expect(words[1]).toBe(words[0]);

  expect(eventsIn(sent.stdout, 'start')[0]).toMatchObject({ paths, target: { port: receiver.port } });
  expect(eventsIn(received.stdout, 'start')[0]).toMatchObject({
    address: '127.0.0.1',
    port: receiver.port,
    parameters: { idleTimeout: 30_000 },
    channel: { seed: 3, in: { loss: 0.01 } },
  });
  expect(eventsIn(sent.stdout, 'error')[0]).toMatchObject({ error: { code: 'ERR_PARTIAL', exitCode: 8 } });
  const totals = { transfers: 1, stored: 2, skipped: 0, failed: 1, bytes: 50_000 };
  expect(eventsIn(sent.stdout, 'end')[0]).toMatchObject({ ok: false, exitCode: 8, totals, dropped: 0 });
  expect(eventsIn(received.stdout, 'transfer')[0]).toMatchObject({ ok: false, end: 'complete', stored: 2, failed: 1 });
  expect(eventsIn(received.stdout, 'end')[0]).toMatchObject({ exitCode: 130, totals });
});

test('progress is told at most once a second, while it goes on', async () => {
  const receiver = await bench.recv(['--jsonl']);
  const path = bench.file('f', content(600_000));
  const sender = bench.start(['send', path, `127.0.0.1:${receiver.port}`, '--jsonl', '--bandwidth-out', '2M']);
  await receiver.says(/("type":"progress".*\n[\s\S]*){2}/, 'stdout');
  const sent = await sender.ended;
  expect(sent.code).toBe(0);
  for (const { stdout } of [sent, await receiver.kill('SIGINT')]) {
    expectDescribed(stdout);
    const progress = eventsIn(stdout, 'progress');
    expect(progress.length).toBeGreaterThan(1);
    const bytes = progress.map((event) => event.bytes);
    expect(bytes).toEqual(bytes.toSorted((a, b) => a - b));
    const times = progress.map(({ time }) => Date.parse(time));
    for (const [index, time] of times.slice(1).entries()) expect(time - (times[index] ?? 0)).toBeGreaterThan(900);
  }
});

test('a sender tells of a file while it still sends the next', async () => {
  const receiver = await bench.recv();
  const paths = [bench.file('a', 'x'), bench.file('b', content(1_000_000))];
  const slow = ['--bandwidth-out', '2M', '--jsonl'];
  const sender = bench.start(['send', ...paths, `127.0.0.1:${receiver.port}`, ...slow]);
  await sender.says(/"type":"file".*"name":"a","status":"stored"/, 'stdout');
  expect(eventsIn(sender.stdout, 'end')).toEqual([]);
  const { stdout } = await sender.kill('SIGINT');
  expect(eventsIn(stdout, 'file').map(({ name, status }) => [name, status])).toEqual([
    ['a', 'stored'],
    ['b', 'unknown'],
  ]);
});

test('an interrupted sender ends its events with the error and the end', async () => {
  const receiver = await bench.recv(['--jsonl']);
  const args = [bench.file('f', content(1_000_000)), `127.0.0.1:${receiver.port}`, '--bandwidth-out', '2M', '--jsonl'];
  const sender = bench.start(['send', ...args]);
  await until(() => hasArrived(receiver.out));
  const sent = await sender.kill('SIGINT');
  expect(sent.code).toBe(130);
  expectDescribed(sent.stdout);
  expect(typesIn(sent.stdout).slice(-3)).toEqual(['file', 'error', 'end']);
  expect(eventsIn(sent.stdout, 'error')[0]).toMatchObject({ error: { code: 'ERR_CANCELLED', exitCode: 130 } });
  await receiver.says(/"type":"transfer"/, 'stdout');
  const { stdout } = await receiver.kill('SIGINT');
  expectDescribed(stdout);
  expect(eventsIn(stdout, 'transfer')[0]).toMatchObject({ ok: false, end: 'closed-by-peer', stored: 0 });
});

test('both sides tell that a file goes on, and from where, before they tell of the file', async () => {
  const receiver = await bench.recv(['--jsonl']);
  const path = bench.file('large', content(3 * MIB));
  const send = (...more: string[]) => bench.start(['send', path, `127.0.0.1:${receiver.port}`, '--jsonl', ...more]);
  const first = send('--rate', '16M');
  await until(() => largestPart(receiver.out) > MIB);
  await first.kill('SIGINT');
  const sent = await send().ended;
  expect(sent.code).toBe(0);
  await receiver.says(/"stored":1/, 'stdout');
  const received = await receiver.kill('SIGINT');
  expect(eventsIn(first.stdout, 'resuming')).toEqual([]);
  for (const { stdout } of [sent, received]) {
    expectDescribed(stdout);
    const [event] = eventsIn(stdout, 'resuming');
    expect(event).toMatchObject({ name: 'large', size: 3 * MIB });
    expect(eventsIn(stdout, 'file').at(-1)).toMatchObject({ status: 'stored', resumedBytes: event.resumedBytes });
    const types = withoutProgress(typesIn(stdout));
    expect(types[types.indexOf('resuming') + 1]).toBe('file');
  }
});

describe('a command that cannot begin tells of its error and its end', () => {
  test.each([
    [['send', 'missing', 'localhost:1', '--jsonl'], 5, 'ERR_LOCAL_FILE'],
    [['send', 'f', 'localhost:1', '--jsonl', '--plaintext', '--key-file', 'k'], 2, 'ERR_USAGE'],
    [['recv', '--out', '/proc/no/where', '--port', '0', '--jsonl'], 6, 'ERR_LOCAL_STORE'],
  ])('udpcp %j', async (args, exitCode, errorCode) => {
    const { code, stdout } = await bench.start(args).ended;
    expect(code).toBe(exitCode);
    expectDescribed(stdout);
    expect(typesIn(stdout).slice(-2)).toEqual(['error', 'end']);
    expect(eventsIn(stdout, 'error')[0]?.error).toMatchObject({ code: errorCode, exitCode });
    expect(eventsIn(stdout, 'end')[0]).toMatchObject({ ok: false, exitCode });
  });
});

test('names that a terminal would obey are escaped in every event', async () => {
  const receiver = await bench.recv(['--jsonl']);
  const path = bench.file('evil\u{202e}\x1b[2J\x9b1m', 'x');
  const sent = await bench.send([path, `127.0.0.1:${receiver.port}`, '--jsonl']);
  await receiver.says(/"type":"transfer"/, 'stdout');
  const received = await receiver.kill('SIGINT');
  for (const { stdout } of [sent, received]) {
    expectDescribed(stdout);
    expect(stdout).not.toMatch(/(?!\n)[\p{Cc}\p{Cf}]/u);
    expect(stdout).toContain('evil\\\\u{202e}\\\\u{1b}[2J\\\\u{9b}1m');
  }
});

/** Runs a sender whose stdout is a pipe that nobody reads until the sender is done with the transfer. */
test('a reader that does not read holds nothing up, and gets the end when it does', async () => {
  const receiver = await bench.recv();
  const directory = bench.directory();
  const names = Array.from({ length: 400 }, (_, index) => `${'n'.repeat(200)}${index}`);
  const make = names.map((name) => `: > "${join(directory, name)}"`).join('\n');
  expect(spawnSync('sh', ['-c', make]).status).toBe(0);
  const fifo = join(bench.directory(), 'fifo');
  // The reader opens the pipe and reads nothing before every file has arrived.
  const all = `test "$(ls "${receiver.out}" | wc -l)" -eq ${names.length}`;
  const script = `mkfifo ${fifo}
    { until ${all}; do sleep 0.05; done; cat; } < ${fifo} & "$0" "$@" > ${fifo}; code=$?; wait; exit $code`;
  const args = ['send', ...names.map((name) => join(directory, name)), `127.0.0.1:${receiver.port}`, '--jsonl'];
  const sent = await bench.start(args, { command: ['/bin/sh', '-c', script, process.execPath, UDPCP] }).ended;
  expect(sent.code).toBe(0);
  expect(readdirSync(receiver.out)).toHaveLength(names.length);
  expectDescribed(sent.stdout);
  expect(sent.stdout.length).toBeGreaterThan(2 * 65_536); // more than a pipe holds
  expect(eventsIn(sent.stdout, 'file')).toHaveLength(names.length);
  expect(eventsIn(sent.stdout, 'end')[0]).toMatchObject({ ok: true, dropped: 0 });
});

test('docs/json.md names every type of object, and every field at its top', () => {
  const documentation = readFileSync(join(ROOT, 'docs/json.md'), 'utf8');
  const { $defs } = JSON.parse(readFileSync(join(ROOT, 'docs/udpcp.schema.json'), 'utf8'));
  const fields = new Set<string>();
  for (const { properties } of Object.values($defs) as { properties: Record<string, { const?: string }> }[]) {
    const { type } = properties;
    if (type?.const === undefined) continue;
    for (const name of [...Object.keys(properties), type.const]) fields.add(name);
  }
  expect([...fields].filter((name) => !documentation.includes(`\`${name}\``))).toEqual([]);
});
