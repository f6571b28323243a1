import { expect, test } from 'vitest';
import { content, sha256, useBench } from './processes.ts';

const bench = useBench();

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
  expect(stdout.trimEnd().split('\n')).toHaveLength(1);
  expect(JSON.parse(stdout)).toMatchObject({
    schema: 1,
    command: 'send',
    ok: true,
    exitCode: 0,
    error: null,
    target: { host: '127.0.0.1', port: receiver.port },
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
  expect(JSON.parse(stdout)).toMatchObject({
    ok: false,
    exitCode: 5,
    error: { code: 'ERR_LOCAL_FILE', message: `cannot send ${missing}: no such file or directory` },
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

test('recv --json prints where it listens, and a line for each transfer', async () => {
  const receiver = await bench.recv(['--json', '--seed', '3', '--loss-in', '1%']);
  const target = `127.0.0.1:${receiver.port}`;
  const path = bench.file('file', content(2000));
  expect(await bench.send([path, target])).toMatchObject({ code: 0 });
  expect(await bench.send([bench.file('file', 'x'), target])).toMatchObject({ code: 6 });
  await receiver.says(/(.*\n){3}/, 'stdout');
  const { stdout } = await receiver.kill('SIGINT');
  const [listening, complete, refused] = stdout.split('\n').map((line) => line && JSON.parse(line));
  expect(listening).toMatchObject({
    schema: 1,
    command: 'recv',
    type: 'listening',
    address: '127.0.0.1',
    port: receiver.port,
    parameters: { idleTimeout: 30_000 },
    channel: { seed: 3, in: { loss: 0.01 } },
  });
  expect(complete).toMatchObject({
    type: 'transfer',
    ok: true,
    end: 'complete',
    peer: expect.stringMatching(/^127\.0\.0\.1:\d+$/),
    stored: 1,
    failed: 0,
    bytes: 2000,
    files: [{ name: 'file', status: 'stored', size: 2000, sha256: sha256(path) }],
    elapsedMs: expect.any(Number),
    statistics: { session: SESSION, channel: { out: DIRECTION, in: DIRECTION } },
  });
  expect(refused).toMatchObject({ ok: false, end: 'complete', stored: 0, failed: 1, files: [{ text: 'file exists' }] });
});
