import { createSocket } from 'node:dgram';
import { once } from 'node:events';
import { readdirSync } from 'node:fs';
import { describe, expect, test } from 'vitest';
import { content, hasArrived, type Receiving, type Running, until, useBench } from './processes.ts';

const bench = useBench();

const SIGNALS = [
  ['SIGINT', 130],
  ['SIGTERM', 143],
  ['SIGHUP', 129],
] as const;

/** So slow that a transfer of a megabyte lasts until it is interrupted. */
const SLOW = ['--bandwidth-out', '400k', '--seed', '1'];

/** A transfer of which some has arrived. */
async function midway(receiver: Receiving, args: readonly string[] = []): Promise<Running> {
  const path = bench.file('large', content(1_000_000));
  const sender = bench.start(['send', path, `127.0.0.1:${receiver.port}`, ...SLOW, ...args]);
  await until(() => hasArrived(receiver.out));
  return sender;
}

describe('a sender that is interrupted midway', () => {
  test.each(SIGNALS)(
    'by %s tells the receiver, which keeps nothing of less than a chunk and serves the next',
    async (signal, code) => {
      const receiver = await bench.recv();
      const sender = await midway(receiver);
      const sent = await sender.kill(signal);
      expect(sent).toMatchObject({ code, signal: null, stdout: '' });
      expect(sent.stderr).toMatch(/^udpcp: interrupted; send again to go on with what the receiver has$/m);
      await receiver.says(/^udpcp: the transfer from 127\.0\.0\.1:\d+ ended early: the sender was interrupted$/m);
      await until(() => readdirSync(receiver.out).length === 0);
      expect(await bench.send([bench.file('f', 'x'), `127.0.0.1:${receiver.port}`])).toMatchObject({ code: 0 });
      expect(readdirSync(receiver.out)).toEqual(['f']);
    },
  );

  test('with --json still prints its one result', async () => {
    const sender = await midway(await bench.recv(), ['--json']);
    const { code, stdout } = await sender.kill('SIGINT');
    expect(code).toBe(130);
    expect(JSON.parse(stdout)).toMatchObject({ ok: false, exitCode: 130, error: { code: 'ERR_CANCELLED' } });
  });
});

test.each(SIGNALS)(
  'a sender that is interrupted by %s while nobody has answered ends at once',
  async (signal, code) => {
    const silent = createSocket('udp4');
    silent.bind(0, '127.0.0.1');
    await once(silent, 'listening');
    const called = once(silent, 'message');
    const sender = bench.start(['send', bench.file('f', 'x'), `127.0.0.1:${silent.address().port}`]);
    await called;
    expect(await sender.kill(signal)).toMatchObject({ code, signal: null });
    silent.close();
  },
);

describe('a receiver that is interrupted', () => {
  test.each([
    ['SIGINT', 130, 'the receiver was stopped'],
    ['SIGTERM', 143, 'the receiver is restarting or was stopped'],
    ['SIGHUP', 129, 'the receiver is restarting or was stopped'],
  ] as const)('midway by %s tells the sender and leaves nothing behind', async (signal, code, words) => {
    const receiver = await bench.recv();
    const sender = await midway(receiver, signal === 'SIGINT' ? [] : ['--retry-for', '0']);
    expect(await receiver.kill(signal)).toMatchObject({ code, signal: null, stdout: '' });
    const sent = await sender.ended;
    expect(sent.code).toBe(4);
    expect(sent.stderr).toContain(`udpcp: the receiver ended the transfer: ${words}\n`);
    expect(readdirSync(receiver.out)).toEqual([]);
  });

  test.each(SIGNALS)('by %s while it waits ends without a word', async (signal, code) => {
    const receiver = await bench.recv();
    const { code: ended, stderr } = await receiver.kill(signal);
    expect(ended).toBe(code);
    expect(stderr.trimEnd().split('\n')).toEqual([expect.stringMatching(/^listening on UDP /)]);
  });

  test('the moment it listens ends in good order too', async () => {
    const receiver = bench.start(['recv', '--out', bench.directory(), '--port', '0', '--jsonl']);
    receiver.child.stdout?.once('data', () => receiver.child.kill('SIGINT'));
    expect(await receiver.ended).toMatchObject({ code: 130, signal: null });
  });

  test('again and again does not wait until everything has been said', async () => {
    const receiver = await bench.recv(['--delay-out', '1s']);
    const sender = bench.start(['send', bench.file('f', content(1_000_000)), `127.0.0.1:${receiver.port}`, ...SLOW]);
    await until(() => hasArrived(receiver.out));
    receiver.child.kill('SIGINT');
    await receiver.says(/ended early: stopped here$/m);
    const impatience = setInterval(() => receiver.child.kill('SIGINT'), 50);
    const { code, stderr } = await receiver.ended.finally(() => clearInterval(impatience));
    expect(code).toBe(130);
    expect(stderr).not.toContain('channel, sending:'); // the last lines of one that was interrupted once
    await sender.kill('SIGKILL');
  });
});
