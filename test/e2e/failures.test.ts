import { execFileSync } from 'node:child_process';
import { createSocket } from 'node:dgram';
import { once } from 'node:events';
import { readdirSync, truncateSync } from 'node:fs';
import { join } from 'node:path';
import { afterEach, describe, expect, test } from 'vitest';
import { hasArrived, until, useBench } from './processes.ts';

const bench = useBench();

const silent = new Set<ReturnType<typeof createSocket>>();
afterEach(() => {
  for (const socket of silent) socket.close();
  silent.clear();
});

/** The port of a host that takes every datagram and never answers. */
async function silentPort(): Promise<number> {
  const socket = createSocket('udp4');
  silent.add(socket);
  socket.bind(0, '127.0.0.1');
  await once(socket, 'listening');
  return socket.address().port;
}

describe('nobody answers', () => {
  test('a port that nobody listens at ends with 4, after the network has said so often enough', async () => {
    const port = await silentPort();
    for (const socket of silent) socket.close();
    silent.clear();
    const target = `127.0.0.1:${port}`;
    const sent = await bench.send([bench.file('f', 'x'), target]);
    expect(sent).toMatchObject({
      code: 4,
      stdout: '',
      stderr: `udpcp: nobody listens at ${target} over UDP: start \`udpcp recv\` there, or check the port and the firewall\n`,
    });
  });

  test('a silent host ends with 4 at the connect timeout', async () => {
    const port = await silentPort();
    const startedAt = performance.now();
    const sent = await bench.send([bench.file('f', 'x'), `127.0.0.1:${port}`, '--connect-timeout', '1s']);
    expect(performance.now() - startedAt).toBeGreaterThan(1000);
    expect(sent).toMatchObject({
      code: 4,
      stderr: `udpcp: no answer from 127.0.0.1:${port} over UDP in 1 s: is \`udpcp recv\` running there, and does the firewall let UDP port ${port} through?\n`,
    });
  });

  test('a name that has no address ends with 4', async () => {
    const sent = await bench.send([bench.file('f', 'x'), 'no-such-host.invalid']);
    expect(sent.code).toBe(4);
    expect(sent.stderr).toMatch(/^udpcp: cannot find the host no-such-host\.invalid: .+\n$/);
  });
});

describe('a file that cannot be sent ends with 5 and its reason', () => {
  test.each([
    ['a missing file', (directory: string) => join(directory, 'missing'), 'no such file or directory'],
    ['a pipe', (directory: string) => makePipe(directory), 'it is a pipe; write what comes out of it'],
    ['a device', () => '/dev/null', 'it is not a regular file'],
    ['a file of /proc', () => '/proc/self/status', 'it does not say its size'],
  ])('%s', async (_, make, reason) => {
    const path = make(bench.directory());
    const { code, stdout, stderr } = await bench.send([path, 'localhost:1']);
    expect({ code, stdout }).toEqual({ code: 5, stdout: '' });
    expect(stderr.startsWith(`udpcp: cannot send ${path}: ${reason}`)).toBe(true);
    expect(stderr.trimEnd().split('\n')).toHaveLength(1);
  });
});

test('a file that changes while it is sent ends with 5, and is not published', async () => {
  const receiver = await bench.recv();
  const path = bench.file('log', Buffer.alloc(40_000_000));
  const sender = bench.start(['send', path, `127.0.0.1:${receiver.port}`, '--bandwidth-out', '100M']);
  await until(() => hasArrived(receiver.out));
  truncateSync(path, 1000);
  const { code, stderr } = await sender.ended;
  expect(code).toBe(5);
  expect(stderr).toMatch(/^udpcp: \S+\/log: it was not stored: .*changed.*$/m);
  // What came is kept for the next try, which compares it.
  await until(() => readdirSync(receiver.out).every((name) => /^\.udpcp-\w+\.(part|journal)$/.test(name)));
});

describe('a receiver that cannot begin', () => {
  test('a port in use ends with 2 and says what to do', async () => {
    const { port } = await bench.recv();
    const second = bench.start(['recv', '--out', bench.directory(), '--port', `${port}`, '--bind', '127.0.0.1']);
    const why = 'the port is in use; choose another with --port, or 0 for any free one';
    expect(await second.ended).toMatchObject({
      code: 2,
      stdout: '',
      stderr: `udpcp: cannot listen on UDP 127.0.0.1:${port}: ${why}\n`,
    });
  });

  test('an address that this machine does not have ends with 2', async () => {
    const receiver = bench.start(['recv', '--out', bench.directory(), '--port', '0', '--bind', '192.0.2.254']);
    expect(await receiver.ended).toMatchObject({
      code: 2,
      stderr: 'udpcp: cannot listen on UDP 192.0.2.254:0: this machine does not have that address\n',
    });
  });

  test.each([
    ['a file', (directory: string) => bench.file('f', directory), 'not a directory'],
    ['without a parent', (directory: string) => join(directory, 'a', 'b'), 'its parent does not exist'],
    ['where nothing can be made', () => '/proc/udpcp', ''],
  ])('an output directory that is %s ends with 6', async (_, make, reason) => {
    const out = make(bench.directory());
    const { code, stdout, stderr } = await bench.start(['recv', '--out', out, '--port', '0']).ended;
    expect({ code, stdout }).toEqual({ code: 6, stdout: '' });
    expect(stderr.startsWith(`udpcp: cannot use ${out} as the output directory: ${reason}`)).toBe(true);
    expect(stderr.trimEnd().split('\n')).toHaveLength(1);
  });
});

function makePipe(directory: string): string {
  const path = join(directory, 'pipe');
  execFileSync('mkfifo', [path]);
  return path;
}
