import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { expectDescribed } from './json-schema.ts';
import { content, ROOT, sha256, useBench } from './processes.ts';

const bench = useBench();
const { version } = JSON.parse(readFileSync(join(ROOT, 'package.json'), 'utf8'));

const SESSION = {
  datagramsSent: expect.any(Number),
  bytesSent: expect.any(Number),
  datagramsReceived: expect.any(Number),
  dataSent: expect.any(Number),
  dataResent: expect.any(Number),
  packetsLost: expect.any(Number),
  damaged: expect.any(Number),
};
const DIRECTION = {
  datagramsIn: expect.any(Number),
  lost: expect.objectContaining({ loss: expect.any(Number) }),
  reordered: 0,
  held: expect.any(Number),
};

test('send --json prints one result with every parameter, the seed and the statistics', async () => {
  const receiver = await bench.recv(['--window', '64']);
  const path = bench.file('file', content(50_000));
  const target = `127.0.0.1:${receiver.port}`;
  const options = ['--arq', 'gbn', '--window', '32', '--idle-timeout', '20s', '--loss', '2%', '--seed', '7'];
  const { code, stdout } = await bench.send([path, target, '--json', ...options]);
  expect(code).toBe(0);
  expectDescribed(stdout, 'sendResult');
  expect(stdout.trimEnd().split('\n')).toHaveLength(1);
  expect(JSON.parse(stdout)).toMatchObject({
    schema: 1,
    command: 'send',
    ok: true,
    exitCode: 0,
    error: null,
    runtime: { udpcp: version, node: process.versions.node, platform: process.platform },
    paths: [path],
    target: { host: '127.0.0.1', port: receiver.port },
    options: { arq: 'go-back-n', window: 32, idleTimeout: 20_000, loss: 0.02, seed: 7, json: true },
    parameters: {
      asked: { arq: 'go-back-n', window: 32, congestion: 'bbr', idleTimeout: 20_000, connectTimeout: 10_000 },
      agreed: { arq: 'go-back-n', window: 32, idleTimeout: 20_000, maxDatagram: expect.any(Number) },
    },
    channel: { seed: 7, isReplay: false, out: { loss: 0.02 }, in: { loss: 0.02 } },
    files: [{ path, status: 'stored', code: 0, size: 50_000, sha256: sha256(path) }],
    elapsedMs: expect.any(Number),
    statistics: {
      session: SESSION,
      srttMs: expect.any(Number),
      datagramSize: expect.any(Number),
      channel: { out: DIRECTION, in: DIRECTION },
    },
  });
});

test('send --json tells of a failure too', async () => {
  const missing = `${bench.directory()}/missing`;
  const { code, stdout } = await bench.send([missing, 'localhost:1', '--json']);
  expect(code).toBe(5);
  expectDescribed(stdout, 'sendResult');
  expect(JSON.parse(stdout)).toMatchObject({
    ok: false,
    exitCode: 5,
    error: { code: 'ERR_LOCAL_FILE', message: `cannot send ${missing}: no such file or directory`, exitCode: 5 },
    files: [],
    parameters: { agreed: null },
    statistics: { session: null, channel: null },
  });
});

test('send --json tells what became of each file', async () => {
  const receiver = await bench.recv(['--max-size', '5']);
  const paths = [bench.file('small', 'x'), bench.file('large', 'too large')];
  const { code, stdout } = await bench.send([...paths, `127.0.0.1:${receiver.port}`, '--json']);
  expect(code).toBe(8);
  expectDescribed(stdout, 'sendResult');
  expect(JSON.parse(stdout)).toMatchObject({
    ok: false,
    exitCode: 8,
    error: { code: 'ERR_PARTIAL' },
    files: [
      { path: paths[0], status: 'stored' },
      { path: paths[1], status: 'refused', text: 'large is larger than 5 bytes, the most that is taken' },
    ],
  });
});

test('recv --once --json prints one result when it ends, with the transfer that ended it', async () => {
  const receiver = await bench.recv(['--once', '--json', '--seed', '3', '--loss-in', '1%']);
  const path = bench.file('file', content(2000));
  expect(await bench.send([path, `127.0.0.1:${receiver.port}`])).toMatchObject({ code: 0 });
  const { code, stdout } = await receiver.ended;
  expect(code).toBe(0);
  expectDescribed(stdout, 'recvResult');
  expect(JSON.parse(stdout)).toMatchObject({
    ok: true,
    exitCode: 0,
    error: null,
    address: '127.0.0.1',
    port: receiver.port,
    channel: { seed: 3, in: { loss: 0.01 } },
    totals: { transfers: 1, stored: 1, failed: 0, bytes: 2000 },
    transfer: {
      end: 'complete',
      peer: expect.stringMatching(/^127\.0\.0\.1:\d+$/),
      files: [{ name: 'file', status: 'stored', size: 2000, sha256: sha256(path) }],
      statistics: { session: SESSION, channel: { out: DIRECTION, in: DIRECTION } },
    },
  });
});

test('a receiver that is stopped before it took anything prints its result too', async () => {
  const receiver = await bench.recv(['--once', '--json']);
  const { code, stdout } = await receiver.kill('SIGTERM');
  expect(code).toBe(143);
  expectDescribed(stdout, 'recvResult');
  expect(JSON.parse(stdout)).toMatchObject({ ok: false, exitCode: 143, transfer: null });
});

test.each([
  [['send', 'f', 'localhost:0', '--json'], /^target 'localhost:0': /],
  [['send', 'f', 'localhost', '--json', '--loss', '7'], /did you mean 7%/],
  [['send', '--json', '--nope'], /^unknown option '--nope'$/],
  [['recv', '--json', '--out', 'x'], /^--json is one result and goes with --once; .* say --jsonl$/],
  [['recv', '--json', '--once', '--out', 'x', '--port', '-1'], /A whole number from 0 to 65535\.$/],
])('wrong usage is a result as well: udpcp %j', async ([command = '', ...args], message) => {
  const { code, stdout, stderr } = await bench.start([command, ...args]).ended;
  expect(code).toBe(2);
  expectDescribed(stdout, 'failedResult');
  const { error } = JSON.parse(stdout);
  expect({ ...JSON.parse(stdout), error }).toMatchObject({ command, ok: false, exitCode: 2 });
  expect(error).toMatchObject({ code: 'ERR_USAGE', exitCode: 2, message: expect.stringMatching(message) });
  expect(stderr).toBe(`udpcp: ${error.message}\n`);
});

test('--json and --jsonl together are refused, in words', async () => {
  const sent = await bench.send(['f', 'localhost', '--json', '--jsonl']);
  expect(sent).toMatchObject({ code: 2, stdout: '', stderr: expect.stringMatching(/cannot be used with option/) });
});
