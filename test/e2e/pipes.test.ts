import { createHash } from 'node:crypto';
import { once } from 'node:events';
import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, test } from 'vitest';
import { content, type Running, type StartOptions, useBench } from './processes.ts';
import { exitOf, peakOf, piped, shell } from './shell.ts';

const bench = useBench();

const MIB = 1024 * 1024;
const INPUT: StartOptions = { hasInput: true };

type Listening = Running & { readonly port: number };

/** A pipe that waits for its caller. */
async function listen(options: StartOptions = INPUT, args: readonly string[] = []): Promise<Listening> {
  const listener = bench.start(['pipe', '--listen', '127.0.0.1:0', ...args], options);
  const [, port] = await listener.says(/^listening on UDP 127\.0\.0\.1:(\d+), for one pipe; Ctrl-C ends$/m);
  return Object.assign(listener, { port: Number(port) });
}

const call = (port: number, options: StartOptions = INPUT, args: readonly string[] = []): Running =>
  bench.start(['pipe', `127.0.0.1:${port}`, ...args], options);

/** Calls again while the place of one who was turned away is not free yet. */
async function callUntilTaken(port: number): Promise<Running> {
  for (;;) {
    const caller = call(port);
    if (await caller.says(/must show the words/).then(Boolean, () => false)) return caller;
    expect((await caller.ended).code).toBe(3);
  }
}

const type = (who: Running, text: string): void => void who.child.stdin?.write(text);
const hangUp = (who: Running): void => void who.child.stdin?.end();

async function joined(listenArgs: readonly string[] = [], callArgs: readonly string[] = []) {
  const listener = await listen(INPUT, listenArgs);
  return { listener, caller: call(listener.port, INPUT, callArgs) };
}

test('what is typed on one side appears on the other, at once and both ways; both show the same words', async () => {
  const { listener, caller } = await joined();
  for (let i = 0; i < 5; i++) {
    type(caller, `question ${i}\n`);
    await listener.says(new RegExp(`question ${i}\n`), 'stdout');
    type(listener, `answer ${i}\n`);
    await caller.says(new RegExp(`answer ${i}\n`), 'stdout');
  }
  hangUp(caller);
  hangUp(listener);
  expect(await caller.ended).toMatchObject({ code: 0, stdout: 'answer 0\nanswer 1\nanswer 2\nanswer 3\nanswer 4\n' });
  expect((await listener.ended).code).toBe(0);
  const [, words] = await listener.says(/must show the words: (\w+ \w+ \w+ \w+ \w+)\n/);
  expect(caller.stderr).toMatch(`must show the words: ${words}\n`);
});

test.each(['caller', 'listener'] as const)('the %s ends first, and the other may go on', async (name) => {
  const both = await joined([], ['-v']);
  const first = both[name];
  const second = both[name === 'caller' ? 'listener' : 'caller'];
  type(first, 'last words');
  hangUp(first);
  const { stdout } = second.child;
  if (stdout !== null) await once(stdout, 'end'); // its reader knows, while it still runs
  expect(second.stdout).toBe('last words');
  for (let i = 0; i < 3; i++) {
    type(second, `and ${i}\n`);
    await first.says(new RegExp(`and ${i}\n`), 'stdout');
  }
  hangUp(second);
  expect((await first.ended).code).toBe(0);
  expect((await second.ended).code).toBe(0);
  expect(both.caller.stderr).toMatch(/^sent \d+ B, received \d+ B in /m);
});

test('a listener that was killed and started again is found out long before the idle timeout', async () => {
  const patient = ['--idle-timeout', '10m'];
  const { listener, caller } = await joined(patient, patient);
  type(caller, 'hello\n');
  await listener.says(/hello\n/, 'stdout');
  await listener.kill('SIGKILL');
  bench.start(['pipe', '--listen', `127.0.0.1:${listener.port}`], INPUT);
  type(caller, 'are you there?\n');
  expect(await caller.ended).toMatchObject({
    code: 4,
    stderr: expect.stringMatching(/lost the other side: the one that answers now knows nothing of this pipe\n$/),
  });
});

test('16 MiB cross each way at once where 10 % are lost', async () => {
  const directory = bench.directory();
  const files = ['a', 'b'].map((name, i) => {
    const path = join(directory, name);
    writeFileSync(path, content(16 * MIB + i));
    return path;
  });
  const sums = [0, 1].map((i) =>
    createHash('sha256')
      .update(content(16 * MIB + i))
      .digest('hex'),
  );
  const listener = await listen(piped(`< '${files[0]}' | sha256sum`));
  const caller = call(listener.port, piped(`< '${files[1]}' | sha256sum`), ['--loss', '10%', '--seed', '5']);
  expect((await caller.ended).stdout).toBe(`${sums[0]}  -\n`);
  expect((await listener.ended).stdout).toBe(`${sums[1]}  -\n`);
  expect([exitOf(caller), exitOf(listener)]).toEqual([0, 0]);
  expect(caller.stderr).toMatch(/channel, sending: .* lost \(\d/);
});

test('a slow reader slows the writer, and neither side keeps what waits', async () => {
  const listener = await listen(piped('< /dev/null | { sleep 1; sha256sum; }'));
  const whole = Buffer.alloc(192 * MIB);
  const line = `head -c ${whole.length} /dev/zero | { "$0" "$@"; echo "exit $?" >&2; }`;
  const caller = call(listener.port, { ...piped(''), ...shell(line) });
  await caller.ended;
  expect((await listener.ended).stdout).toBe(`${createHash('sha256').update(whole).digest('hex')}  -\n`);
  for (const side of [caller, listener]) {
    expect(exitOf(side)).toBe(0);
    expect(peakOf(side)).toBeLessThan(160 * MIB);
  }
});

describe('a pipe that breaks', () => {
  test('the other side is killed: what came is out, and it ends with 4', async () => {
    const { listener, caller } = await joined(['--idle-timeout', '1s']);
    type(caller, 'so far');
    await listener.says(/so far/, 'stdout');
    await caller.kill('SIGKILL');
    const { code, stdout, stderr } = await listener.ended;
    expect({ code, stdout }).toEqual({ code: 4, stdout: 'so far' });
    expect(stderr).toMatch(/^udpcp: lost the other side: nothing was heard from it any more$/m);
  });

  test('the other side is interrupted: 130 there, 4 here', async () => {
    const { listener, caller } = await joined();
    type(listener, 'so far');
    await caller.says(/so far/, 'stdout');
    expect((await listener.kill('SIGINT')).code).toBe(130);
    const { code, stderr } = await caller.ended;
    expect(code).toBe(4);
    expect(stderr).toMatch(/^udpcp: the other side ended the pipe: it was interrupted$/m);
  });

  test('nobody reads the output any more: 6 at both ends', async () => {
    const listener = await listen(piped('< /dev/null | head -c 10'));
    const caller = call(listener.port, shell('yes | "$0" "$@"'));
    expect((await listener.ended).stdout).toHaveLength(10);
    expect(exitOf(listener)).toBe(6);
    const { code, stderr } = await caller.ended;
    expect(code).toBe(6);
    expect(stderr).toMatch(/^udpcp: the other side ended the pipe: whoever reads the output has gone away$/m);
  });

  test('a listener that waits ends with 130 at Ctrl-C', async () => {
    const listener = await listen();
    expect(await listener.kill('SIGINT')).toMatchObject({ code: 130, stdout: '' });
  });
});

describe('who calls what', () => {
  test('a file sender is turned away, and the pipe waits on; a second caller hears that it is busy', async () => {
    const listener = await listen();
    const sent = await bench.send([bench.file('f', 'f'), `127.0.0.1:${listener.port}`]);
    expect(sent.code).toBe(4);
    expect(sent.stderr).toMatch(/this is a pipe and takes no files: call it with udpcp pipe$/m);
    await listener.says(/^turned \S+ away: a file sender called; use udpcp recv for files$/m);
    type(listener, 'secret');
    const caller = await callUntilTaken(listener.port);
    await caller.says(/secret/, 'stdout');
    const second = await call(listener.port).ended;
    expect(second.code).toBe(3);
    expect(second.stderr).toMatch(/refused the session: it has a caller already$/m);
    hangUp(listener);
    hangUp(caller);
    expect((await caller.ended).code).toBe(0);
    expect((await listener.ended).code).toBe(0);
  });

  test('a pipe that calls a receiver of files is told', async () => {
    const receiver = await bench.recv();
    const { code, stderr } = await call(receiver.port).ended;
    expect(code).toBe(4);
    expect(stderr).toMatch(/^udpcp: the other side ended the pipe: files are received here, and this is a pipe: use/m);
    await receiver.says(/ended early: the sender broke the protocol: files are received here, and this is a pipe/);
  });

  test('with a key on both sides no words are to be compared; without it nobody gets in', async () => {
    const key = join(bench.directory(), 'key');
    expect((await bench.start(['keygen', '--key-file', key]).ended).code).toBe(0);
    const listener = await listen(INPUT, ['--key-file', key]);
    const stranger = await call(listener.port).ended;
    expect(stranger.code).toBe(3);
    const caller = call(listener.port, INPUT, ['--key-file', key]);
    type(caller, 'hello');
    await listener.says(/hello/, 'stdout');
    for (const side of [caller, listener]) hangUp(side);
    const { code, stderr } = await caller.ended;
    expect({ code, stderr }).toEqual({ code: 0, stderr: '' });
  });

  test('nobody listens: 4, and what should', async () => {
    const { code, stderr } = await bench.start(['pipe', '127.0.0.1:9']).ended;
    expect(code).toBe(4);
    expect(stderr).toMatch(/start `udpcp pipe --listen` there/);
  });
});

describe('wrong usage ends with 2 and one line', () => {
  test.each([
    ['', /^udpcp: name the pipe to call, udpcp pipe HOST\[:PORT\], or wait for a caller, udpcp pipe --listen PORT\n$/],
    ['localhost --listen 9', /; not both\n$/],
    ['--listen x', /A whole number from 0 to 65535\.\n$/],
    ['--listen ::1:9', /An IPv6 address goes in brackets, like \[::1\]:9000\.\n$/],
    ['--listen 0 --arq sw', /^udpcp: --arq is for the side that calls\n$/],
    ['localhost --identity i', /^udpcp: --identity is for the side that listens\n$/],
    ['a b', /too many arguments/],
  ])('udpcp pipe %s', async (line, pattern) => {
    const { code, stdout, stderr } = await bench.start(['pipe', ...line.split(' ').filter(Boolean)]).ended;
    expect({ code, stdout }).toEqual({ code: 2, stdout: '' });
    expect(stderr).toMatch(pattern);
  });
});
