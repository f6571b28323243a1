import { spawnSync } from 'node:child_process';
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, test } from 'vitest';
import { content, type Running, UDPCP, useBench } from './processes.ts';

const bench = useBench();

const ESCAPE = '\x1b';

describe('output that nobody can take does not disturb a transfer', () => {
  const shell = (redirect: string) => ['/bin/sh', '-c', `exec "$0" "$@" ${redirect}`, process.execPath, UDPCP] as const;
  test.each([['>&- 2>&-'], ['</dev/null >/dev/full 2>/dev/full'], ['<&-']])('%s', async (redirect) => {
    const receiver = await bench.recv();
    const path = bench.file('f', content(100_000));
    const options = { command: shell(redirect) };
    const sent = await bench.send([path, `127.0.0.1:${receiver.port}`, '--json', '--verbose'], options);
    expect(sent.code).toBe(0);
    expect(readFileSync(join(receiver.out, 'f'))).toHaveLength(100_000);
    const other = bench.file('f', content(100_001)); // the same would be no error
    const refused = await bench.send([other, `127.0.0.1:${receiver.port}`, '--jsonl'], options);
    expect(refused.code).toBe(6);
  });

  test('a receiver whose readers went away goes on', async () => {
    const receiver = await bench.recv(['--jsonl', '--verbose', '--loss', '1%']);
    receiver.child.stdout?.destroy();
    receiver.child.stderr?.destroy();
    const target = `127.0.0.1:${receiver.port}`;
    for (const name of ['a', 'b']) {
      expect(await bench.send([bench.file(name, content(5000)), target])).toMatchObject({ code: 0 });
    }
    expect(await receiver.kill('SIGINT')).toMatchObject({ code: 130, signal: null });
  });
});

test.each([[{}], [{ TERM: 'dumb' }], [{ NO_COLOR: '1' }], [{ FORCE_COLOR: '1', TERM: 'xterm-256color' }]])(
  'without a terminal nothing but plain lines is written, with %j',
  async (env) => {
    const receiver = await bench.recv([], { env });
    const sent = await bench.send([bench.file('f', content(100_000)), `127.0.0.1:${receiver.port}`], { env });
    expect(sent.code).toBe(0);
    expect(sent.stderr).toMatch(/^encrypted; .*\nsent 1 file, 100 kB in .*\n$/);
    const { stderr } = await receiver.kill('SIGINT');
    for (const text of [sent.stderr, stderr]) expect(text).not.toMatch(/\p{Cc}(?<!\n)/u);
  },
);

/** script(1) of util-linux runs a command in a terminal of its own. */
const TERMINAL = ['script'] as const;
const hasTerminal = spawnSync(...TERMINAL, ['--version']).status === 0;

describe.skipIf(!hasTerminal)('in a terminal', () => {
  const SLOW = ['--bandwidth-out', '2M', '--loss-out', '1%', '--seed', '1'];

  /** Starts udpcp in a terminal of 150 columns; its stdout is the screen. */
  function inTerminal(args: readonly string[], env: Readonly<Record<string, string>> = {}): Running {
    const line = `stty cols 150; exec ${[process.execPath, UDPCP, ...args].map((word) => `'${word}'`).join(' ')}`;
    const shown = { TERM: 'xterm', NO_COLOR: '', ...env };
    return bench.start(['-qec', line, '/dev/null'], { command: TERMINAL, env: shown });
  }

  /** The lines that were drawn for a file, in order. */
  const drawn = (screen: string, name: string) => screen.split('\x1b[1G').filter((line) => line.startsWith(name));
  const percents = (lines: readonly string[]) => lines.flatMap((line) => /(\d+)%/.exec(line)?.[1] ?? []).map(Number);

  test('a sender draws name, bar, bytes, rates, time left, round trip, loss and what was resent', async () => {
    const receiver = await bench.recv();
    const path = bench.file('photo.jpg', content(200_000));
    const { code, stdout } = await inTerminal(['send', path, `127.0.0.1:${receiver.port}`, ...SLOW]).ended;
    expect(code).toBe(0);
    const lines = drawn(stdout, 'photo.jpg');
    expect(lines.join('\n')).toMatch(
      /^photo\.jpg {2}\[=+-+\] +\d+% {2}[\d.]+ kB of 200 kB {2}[\d.]+ kB\/s {2}average [\d.]+ kB\/s {2}ETA \d+ s {2}RTT [\d.]+ ms {2}loss [\d.]+% {2}resent \d+ datagrams/m,
    );
    const shown = percents(lines);
    expect(shown).toEqual(shown.toSorted((a, b) => a - b));
    expect(shown.at(-1)).toBe(100);
    expect(stdout).toMatch(/\nsent 1 file, 200 kB in /);
  });

  test.each([
    ['TERM=dumb', [], { TERM: 'dumb' }],
    ['NO_COLOR', [], { NO_COLOR: '1' }],
    ['--quiet', ['--quiet'], {}],
  ])('%s writes no control sequence', async (_, args, env) => {
    const receiver = await bench.recv();
    const path = bench.file('photo.jpg', content(20_000));
    const { code, stdout } = await inTerminal(['send', path, `127.0.0.1:${receiver.port}`, ...args], env).ended;
    expect(code).toBe(0);
    expect(stdout).not.toContain(ESCAPE);
  });

  test('a receiver draws each transfer from its own beginning', async () => {
    const out = bench.directory();
    const receiver = inTerminal(['recv', '--out', out, '--port', '0', '--once']);
    const [, port] = await receiver.says(/listening on UDP \S+:(\d+),/, 'stdout');
    const first = bench.start(['send', bench.file('first', content(200_000)), `localhost:${port}`, ...SLOW]);
    await receiver.says(/first .* [3-9]\d% /, 'stdout');
    await first.kill('SIGINT');
    await receiver.says(/ended early: the sender was interrupted/, 'stdout');
    const second = await bench.send([bench.file('second', content(200_000)), `localhost:${port}`, ...SLOW]);
    expect(second.code).toBe(0);
    const { stdout } = await receiver.ended;
    const shown = percents(drawn(stdout, 'second'));
    expect(shown[0]).toBeLessThan(30);
    expect(shown).toEqual(shown.toSorted((a, b) => a - b));
    expect(stdout).toMatch(/stored second, 200 kB, from /);
  });
});
