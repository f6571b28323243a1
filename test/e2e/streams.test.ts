import { createHash } from 'node:crypto';
import { existsSync, readdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, test } from 'vitest';
import { callFirst } from '../../src/call/address-race.ts';
import { initiatorAgreement } from '../../src/security.ts';
import { senderOf } from '../../src/send/send-persistently.ts';
import { sessionConfig } from '../../src/session/config.ts';
import type { SourcePiece } from '../../src/transfer/ports.ts';
import { encodeText } from '../../src/transfer/text.ts';
import { content, makeDirectory, type Running, UDPCP, until, useBench } from './processes.ts';
import { exitOf, peakOf, piped, shell, TELLING_PEAK } from './shell.ts';

const bench = useBench();

const MIB = 1024 * 1024;

/** A receiver of one file to stdout, in a pipeline whose first part tells its exit code and the most memory it had. */
async function catcher(pipeline = '', args: readonly string[] = []): Promise<Running & { readonly port: number }> {
  const listen = ['recv', '--out', '-', '--port', '0', '--bind', '127.0.0.1', ...args];
  const receiver = bench.start(listen, piped(pipeline));
  const [, port] = await receiver.says(/^listening on UDP \S+:(\d+), for one file to stdout; Ctrl-C ends$/m);
  return Object.assign(receiver, { port: Number(port) });
}

/** A sender of what the test writes to its stdin. */
const sender = (port: number, ...args: string[]): Running =>
  bench.start(['send', '-', '--as', 'x', `127.0.0.1:${port}`, ...args], { hasInput: true });

test('what tar writes is stored under the name that it was given', async () => {
  const receiver = await bench.recv();
  const directory = bench.directory();
  const made = makeDirectory(directory, 'tree');
  for (const name of ['a', 'b']) writeFileSync(join(made, name), content(70_000));
  const line = `tar c -C "${directory}" tree | "$0" "$@"`;
  const sent = await bench.send(['-', '--as', 'x.tar', `127.0.0.1:${receiver.port}`], shell(line));
  expect(sent).toMatchObject({ code: 0, stdout: '' });
  expect(sent.stderr).toMatch(/sent 1 file, /);
  const unpacked = bench.directory();
  const { code } = await bench.start(['xf', join(receiver.out, 'x.tar'), '-C', unpacked], { command: ['tar'] }).ended;
  expect(code).toBe(0);
  expect(readFileSync(join(unpacked, 'tree/b'))).toEqual(content(70_000));
});

test('192 MiB flow from stdin to a slow reader of stdout with little memory at both ends', async () => {
  const receiver = await catcher('| { sleep 2; sha256sum; }');
  const piece = content(MIB);
  const expected = createHash('sha256');
  const options = { hasInput: true, env: TELLING_PEAK };
  const producer = bench.start(['send', '-', '--as', 'x', `127.0.0.1:${receiver.port}`], options);
  for (let i = 0; i < 192; i++) {
    expected.update(piece);
    await new Promise((resolve) => producer.child.stdin?.write(piece, resolve));
  }
  producer.child.stdin?.end();
  const sent = await producer.ended;
  expect(sent.code).toBe(0);
  expect(await receiver.ended).toMatchObject({ stdout: `${expected.digest('hex')}  -\n` });
  expect(exitOf(receiver)).toBe(0);
  for (const said of [sent, receiver]) expect(peakOf(said)).toBeLessThan(160 * MIB);
});

describe('to stdout', () => {
  test('an empty stream is a whole one; nothing but content is on stdout', async () => {
    const receiver = await catcher('', ['-v']);
    const producer = sender(receiver.port);
    producer.child.stdin?.end();
    expect((await producer.ended).code).toBe(0);
    expect((await receiver.ended).stdout).toBe('');
    expect(exitOf(receiver)).toBe(0);
  });

  test('a reader that goes away ends both with 6, however much is still to come', async () => {
    const receiver = await catcher('| head -c 10');
    const { code, stderr } = await bench.send(
      ['-', '--as', 'x', `127.0.0.1:${receiver.port}`],
      shell('yes | "$0" "$@"'),
    );
    expect(code).toBe(6);
    expect(stderr).toMatch(/^udpcp: the receiver ended the transfer: whoever reads the output has gone away$/m);
    expect((await receiver.ended).stdout).toHaveLength(10);
    expect(receiver.stderr).toMatch(/^udpcp: x from \S+: failed: whoever reads the output has gone away$/m);
    expect(exitOf(receiver)).toBe(6);
  });

  test('a sender that is killed ends the receiver with 4, which says what is there', async () => {
    const receiver = await catcher('', ['--idle-timeout', '1s']);
    const producer = sender(receiver.port);
    producer.child.stdin?.write('x'.repeat(5000));
    await until(() => receiver.stdout.length === 5000);
    await producer.kill('SIGKILL');
    await receiver.ended;
    expect(receiver.stderr).toMatch(/ended early: the sender fell silent$/m);
    expect(receiver.stderr).toMatch(
      /^udpcp: 5000 bytes were written to stdout; they are not a whole file: throw them/m,
    );
    expect(exitOf(receiver)).toBe(4);
  });

  test('who calls and sends nothing keeps nobody out: the stdout is for whoever has content first', async () => {
    const receiver = await catcher();
    const gone = sender(receiver.port);
    await gone.says(/must show the words/);
    expect((await gone.kill('SIGINT')).code).toBe(130);
    await receiver.says(/ended early: the sender was interrupted/); // and the wait goes on
    const idle = sender(receiver.port);
    await idle.says(/must show the words/);
    expect(await bench.send([bench.file('f', 'content'), `127.0.0.1:${receiver.port}`])).toMatchObject({ code: 0 });
    expect(await receiver.ended).toMatchObject({ stdout: 'content' });
    expect(exitOf(receiver)).toBe(0);
    expect((await idle.ended).code).toBe(4);
  });

  test('while one is written the offer of another sender is refused', async () => {
    const receiver = await catcher();
    const first = sender(receiver.port);
    first.child.stdin?.write('first');
    await until(() => receiver.stdout === 'first');
    const second = await bench.send([bench.file('f', 'f'), `127.0.0.1:${receiver.port}`]);
    expect(second.code).toBe(6);
    expect(second.stderr).toMatch(/only one file is written to a stream$/m);
    first.child.stdin?.end();
    expect((await first.ended).code).toBe(0);
    await receiver.ended;
    expect(exitOf(receiver)).toBe(0); // what others were refused is not its failure
  });

  test('of several files the first is written, the others are refused: 8 at both ends', async () => {
    const receiver = await catcher();
    const files = ['a', 'b'].map((name) => bench.file(name, name));
    const { code, stderr } = await bench.send([...files, `127.0.0.1:${receiver.port}`]);
    expect(code).toBe(8);
    expect(stderr).toMatch(/b: the receiver refused it: only one file is written to a stream$/m);
    expect(await receiver.ended).toMatchObject({ stdout: 'a' });
    expect(exitOf(receiver)).toBe(8);
  });

  test('what is not what was sent ends with 7, and is said to be worthless', async () => {
    const receiver = await catcher();
    const pieces: SourcePiece[] = [
      { kind: 'bytes', offset: 0, bytes: new Uint8Array(9) },
      { kind: 'end', size: 9, digest: new Uint8Array(32) },
    ];
    const offer = { entryKind: 'file', size: undefined, mtime: undefined, mode: undefined, fresh: false } as const;
    const { end } = await callFirst([{ address: '127.0.0.1', family: 4 }], {
      caller: senderOf([
        {
          offer: { ...offer, path: [encodeText('x')], target: new Uint8Array(0) },
          open: () => ({ poll: () => pieces.shift(), resend: () => {}, close: () => {} }),
        },
      ]),
      port: receiver.port,
      session: sessionConfig(),
      agree: () => initiatorAgreement({}),
      channels: { stats: () => undefined },
      signal: undefined,
      onProgress: undefined,
    });
    expect(end.outcomes[0]).toMatchObject({ status: 'failed', code: 5 });
    await receiver.ended;
    expect(receiver.stderr).toMatch(
      /^udpcp: 9 bytes were written to stdout; they are not a whole file: throw them away$/m,
    );
    expect(exitOf(receiver)).toBe(7);
  });

  test.each([
    ['--json', /nothing else: leave out --json$/],
    ['--overwrite', /nothing else: leave out --overwrite$/],
    ['--max-sessions 3', /nothing else: leave out --max-sessions$/],
  ])('recv --out - %s makes no sense', async (flags, words) => {
    const { code, stderr } = await bench.start(['recv', '--out', '-', ...flags.split(' ')]).ended;
    expect(code).toBe(2);
    expect(stderr.trimEnd()).toMatch(words);
  });

  test('a terminal gets no binary', async () => {
    const line = `exec ${process.execPath} ${UDPCP} recv --out - --port 0`;
    const { code, stdout } = await bench.start(['-qec', line, '/dev/null'], { command: ['script'] }).ended;
    expect(code).toBe(2);
    expect(stdout).toMatch(/stdout is a terminal: send it on to a file or a program, like --out - \| cat/);
  });
});

describe('from stdin', () => {
  test.each([
    ['without a name', '-', 'echo | "$0" "$@"', 2, /stdin has no name: say which one the receiver gets, like - --as/],
    ['beside a file', '- f --as x', 'echo | "$0" "$@"', 2, /- \(stdin\) is sent alone/],
    ['closed', '- --as x', '"$0" "$@" <&-', 5, /cannot send stdin: it is closed, or a device like \/dev\/null; pipe/],
    ['/dev/null', '- --as x', '"$0" "$@" </dev/null', 5, /cannot send stdin: it is closed, or a device/],
    ['a directory', '- --as x', '"$0" "$@" </', 5, /cannot send stdin: it is a directory/],
  ])('%s', async (_, words, line, expected, pattern) => {
    const { code, stdout, stderr } = await bench.send([...words.split(' '), '127.0.0.1:9'], shell(line));
    expect({ code, stdout }).toEqual({ code: expected, stdout: '' });
    expect(stderr).toMatch(/^udpcp: .*\n$/);
    expect(stderr).toMatch(pattern);
  });

  test('a terminal is read until ^D', async () => {
    const receiver = await bench.recv();
    const line = `exec ${process.execPath} ${UDPCP} send - --as typed 127.0.0.1:${receiver.port}`;
    const terminal = bench.start(['-qec', line, '/dev/null'], { command: ['script'], hasInput: true });
    await terminal.says(/must show the words/, 'stdout');
    terminal.child.stdin?.write('one line\n\x04');
    expect((await terminal.ended).code).toBe(0);
    expect(readFileSync(join(receiver.out, 'typed'), 'utf8')).toBe('one line\n');
  });

  test('a source that fails midway ends with 5, and nothing is published', async () => {
    const receiver = await bench.recv();
    const program = `
      import { Readable } from 'node:stream';
      import { sendFile } from 'udpcp';
      async function* read() { yield 'half'; throw Object.assign(new Error('gone'), { code: 'EIO' }); }
      const stream = Readable.from(read());
      await sendFile({ name: 'x', stream }, { host: '127.0.0.1', port: ${receiver.port} })
        .catch(({ code, message }) => console.log(code, message));
    `;
    const { stdout } = await bench.start([], { command: [process.execPath, '--input-type=module', '-e', program] })
      .ended;
    expect(stdout).toBe('ERR_LOCAL_FILE x: it was not stored: cannot read x: i/o error\n');
    expect(readdirSync(receiver.out)).toEqual([]);
  });

  test('a sender that is interrupted leaves nothing', async () => {
    const receiver = await bench.recv();
    const producer = sender(receiver.port);
    await producer.says(/must show the words/);
    expect((await producer.kill('SIGINT')).code).toBe(130);
    await receiver.says(/ended early: the sender was interrupted/);
    expect(existsSync(join(receiver.out, 'x'))).toBe(false);
  });
});
