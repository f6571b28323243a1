import { spawnSync } from 'node:child_process';
import { chmodSync, readFileSync, symlinkSync } from 'node:fs';
import { createServer } from 'node:net';
import { dirname, join } from 'node:path';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { content, type Receiving, type Running, sha256, UDPCP, until, useBench } from './processes.ts';

const bench = useBench(afterAll);

let receiver: Receiving;
let target: string;
beforeAll(async () => {
  receiver = await bench.recv(['--jsonl']);
  target = `127.0.0.1:${receiver.port}`;
});

/** Through a shell, for what it can do to a process before that begins. */
const shell = (line: string) => ['/bin/sh', '-c', line, process.execPath, UDPCP] as const;
const ESCAPES = /\p{Cc}\[[\d?]*[a-zA-Z]/gu;
const CONTROL = /\p{Cc}(?<!\n)/u;

describe('a sender works', () => {
  test.concurrent.each([
    ['without any environment', 'exec env -i "$0" "$@"'],
    ['in a strange locale', 'LANG=ja_JP.EUC-JP LC_ALL=xx_XX exec "$0" "$@"'],
    ['under nohup', 'exec nohup "$0" "$@"'],
    ['with TERM=dumb', 'TERM=dumb COLUMNS=0 exec "$0" "$@"'],
    ['with a home that is none', 'HOME=/nonexistent exec "$0" "$@"'],
    ['where code is not made from text', 'NODE_OPTIONS=--disallow-code-generation-from-strings exec "$0" "$@"'],
    ['with few files open', 'ulimit -n 32; exec "$0" "$@"'],
    ['with its results read by nobody', '{ "$0" "$@" --json; echo "ended with $?" >&2; } | true'],
    ['with its words read by nobody', '{ "$0" "$@" --verbose 2>&1; echo "ended with $?" >&3; } 3>&2 | head -c1'],
  ])('%s', async (name, line) => {
    const file = `höhe ${name.replaceAll(' ', '-')}`;
    const path = bench.file(file, content(100_000));
    const { code, stdout, stderr } = await bench.send([path, target], { command: shell(line) });
    expect({ code, stderr }).toEqual({
      code: 0,
      stderr: expect.stringMatching(/^(sent 1 file, 100 kB|ended with 0$)/m),
    });
    expect(stdout + stderr).not.toMatch(CONTROL);
    expect(sha256(join(receiver.out, file))).toBe(sha256(path));
  });

  test.concurrent('with too few files open, or says so in one line', async () => {
    const limited = (limit: number) => `ulimit -n ${limit}; exec "$0" "$@"`;
    const path = bench.file('empty.cjs', '');
    const least = Array.from({ length: 25 }, (_, i) => 16 + i).find((limit) => {
      const { status } = spawnSync('/bin/sh', ['-c', limited(limit), process.execPath, path]);
      return status === 0; // below it Node does not come as far as to run anything
    });
    if (least === undefined) throw new Error('Node needs more than 40 open files');
    const run = (limit: number) =>
      bench.send([bench.file(`few-${limit}`, 'x'), target], { command: shell(limited(limit)) });
    const ends = await Promise.all([0, 1, 2, 3, 4, 5].map((more) => run(least + more)));
    expect(ends[0]).toMatchObject({ code: 2, stderr: expect.stringMatching(/^udpcp: .*ulimit -n 256`\n$/) });
    for (const { stderr } of ends)
      expect(stderr).toMatch(/^(udpcp: (?!bug).*|encrypted.*\n(sent 1 file|udpcp: (?!bug)).*)\n$/);
  });

  test.concurrent.each([
    ['with', '--allow-addons', 0, /^encrypted; /],
    ['not without', '', 2, /^udpcp: cannot load the native library sodium-native: .*; add --allow-addons$/m],
  ])("under Node's permission model %s %j", async (_, flag, expected, words) => {
    const model = process.allowedNodeEnvironmentFlags.has('--permission')
      ? '--permission'
      : '--experimental-permission';
    const line = `exec "$0" --no-warnings ${model} --allow-fs-read=* --allow-fs-write=* ${flag} "$@"`;
    const path = bench.file(`permitted${flag}`, 'x');
    const { code, stderr } = await bench.send([path, target], { command: shell(line) });
    expect({ code, stderr }).toEqual({ code: expected, stderr: expect.stringMatching(words) });
  });

  test.concurrent('not with a Node that is too old, and says so in one line', async () => {
    const line = `exec "$0" -e "Object.defineProperty(process.versions, 'node', { value: '18.20.0' }); import('$1')"`;
    const { code, stderr } = await bench.start([], { command: shell(line) }).ended;
    expect({ code, stderr }).toEqual({ code: 2, stderr: 'udpcp: needs Node 20 or newer, this is 18.20.0\n' });
  });
});

test.concurrent('a dangling link and a socket cannot be sent', async () => {
  const directory = bench.directory();
  symlinkSync(join(directory, 'missing'), join(directory, 'dangling'));
  const server = createServer().listen(join(directory, 'socket'));
  await until(() => server.listening);
  const [dangling, socket] = await Promise.all(
    ['dangling', 'socket'].map((name) => bench.send([join(directory, name), target])),
  );
  server.close();
  expect(dangling).toMatchObject({ code: 5, stderr: expect.stringMatching(/dangling: no such file or directory\n$/) });
  expect(socket).toMatchObject({ code: 5, stderr: expect.stringMatching(/socket: it is not a regular file\n$/) });
});

test.concurrent('an empty file arrives empty', async () => {
  expect(await bench.send([bench.file('empty', ''), target])).toMatchObject({ code: 0 });
  expect(readFileSync(join(receiver.out, 'empty'))).toHaveLength(0);
});

test.concurrent('a receiver warns of a directory that is not only its own', async () => {
  const home = bench.directory();
  const warned = await bench.recv([], { out: home, env: { HOME: home } });
  await warned.says(/^udpcp: warning: files appear right in \S+; a directory of its own is safer$/m);
});

/** A user whom the system does not know, like that of a container or of a service. */
const asNobody = 'unset HOME; exec setpriv --reuid 54321 --regid 54321 --clear-groups "$0" "$@"';
const canBeNobody = process.getuid?.() === 0 && spawnSync('setpriv', ['--version']).status === 0;

test.skipIf(!canBeNobody)('both sides work for a user without a name and a home', async () => {
  const out = bench.directory();
  chmodSync(out, 0o777);
  const strange = await bench.recv([], { out, command: shell(asNobody) });
  const path = bench.file('f', 'x');
  chmodSync(dirname(path), 0o755);
  const to = `127.0.0.1:${strange.port}`;
  expect(await bench.send([path, to], { command: shell(asNobody) })).toMatchObject({ code: 0 });
  expect(await strange.kill('SIGINT')).toMatchObject({ code: 130, stderr: expect.not.stringContaining('udpcp:') });
});

/** script(1) of util-linux runs a command in a terminal of its own. */
const hasTerminal = spawnSync('script', ['--version']).status === 0;

describe.skipIf(!hasTerminal)('in a terminal', () => {
  function inTerminal(columns: number, args: readonly string[]): Running {
    const line = `stty cols ${columns}; exec ${[process.execPath, UDPCP, ...args].map((word) => `'${word}'`).join(' ')}`;
    return bench.start(['-qec', line, '/dev/null'], { command: ['script'], env: { TERM: 'xterm', NO_COLOR: '' } });
  }

  test.concurrent.each([1, 20, 10_000])('of %d columns progress never fills a line', async (columns) => {
    const path = bench.file(`wide-${columns}`, content(150_000));
    const slow = ['--bandwidth-out', '2M', '--seed', '1'];
    const { code, stdout } = await inTerminal(columns, ['send', path, target, ...slow]).ended;
    expect(code).toBe(0);
    const drawn = stdout
      .split('\x1b[1G')
      .slice(1)
      .map((text) => text.replace(ESCAPES, '').split('\r\n')[0]);
    expect(drawn.length).toBeGreaterThan(0);
    for (const line of drawn) expect(line?.length).toBeLessThan(columns);
  });

  test.concurrent('a sender that lost its receiver shows how far it came, and for how long it goes on trying', async () => {
    const lost = await bench.recv(['--idle-timeout', '1s']);
    const slow = ['--bandwidth-out', '2M', '--seed', '1'];
    const path = bench.file('lost', content(2_000_000));
    const sender = inTerminal(150, ['send', path, `127.0.0.1:${lost.port}`, ...slow]);
    await sender.says(/ [1-9]% /, 'stdout');
    await lost.kill('SIGKILL');
    await sender.says(/ [1-9]\d?% .* reconnecting \(attempt \d, 9:5\d left of 10:00\)/, 'stdout');
  });

  test.concurrent('both sides tell a stall and for how long', async () => {
    const out = bench.directory();
    const served = inTerminal(150, ['recv', '--out', out, '--port', '0', '--bind', '127.0.0.1']);
    const [, port] = await served.says(/listening on UDP \S+:(\d+),/, 'stdout');
    const args = ['send', bench.file('stalled', content(1_000_000)), `127.0.0.1:${port}`, '--bandwidth-out', '2M'];
    const sender = inTerminal(150, [...args, '--blackout-out', '1s,8s', '--seed', '1']);
    await Promise.all([sender.says(/stalled [5-9] s/, 'stdout'), served.says(/stalled [5-9] s/, 'stdout')]);
  });
});
