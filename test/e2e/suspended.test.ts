import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterAll, expect, test } from 'vitest';
import { content, hasArrived, type Receiving, type Running, until, useBench } from './processes.ts';

const bench = useBench(afterAll);

const SIZE = 100_000;
const IDLE = 1000;

async function midway(receiver: Receiving): Promise<Running> {
  const args = ['--bandwidth-out', '800k', '--seed', '1'];
  const sender = bench.start(['send', bench.file('large', content(SIZE)), `127.0.0.1:${receiver.port}`, ...args]);
  await until(() => hasArrived(receiver.out));
  return sender;
}

async function expectStored(sender: Running, { out }: Receiving, summary: RegExp): Promise<void> {
  const { code, stderr } = await sender.ended;
  expect({ code, stderr }).toEqual({ code: 0, stderr: expect.stringMatching(summary) });
  expect(readFileSync(join(out, 'large')).equals(content(SIZE))).toBe(true);
}

test.concurrent('a receiver that is suspended for longer than the idle timeout gets the file all the same', async () => {
  const receiver = await bench.recv(['--idle-timeout', `${IDLE}ms`]);
  const sender = await midway(receiver);
  receiver.child.kill('SIGSTOP');
  await sender.says(/calling again/);
  receiver.child.kill('SIGCONT');
  await expectStored(sender, receiver, /1 reconnection$/m);
});

test.concurrent('a sender that is suspended for longer than the idle timeout goes on all the same', async () => {
  const receiver = await bench.recv(['--idle-timeout', `${IDLE}ms`]);
  const sender = await midway(receiver);
  sender.child.kill('SIGSTOP');
  await receiver.says(/ended early: the sender fell silent/);
  sender.child.kill('SIGCONT');
  await expectStored(sender, receiver, /1 reconnection$/m);
});

test.concurrent('both suspended at once, as on a machine that sleeps, keep their session', async () => {
  const receiver = await bench.recv(['--idle-timeout', `${IDLE}ms`]);
  const sender = await midway(receiver);
  sender.child.kill('SIGSTOP');
  receiver.child.kill('SIGSTOP');
  const since = performance.now();
  await until(() => performance.now() - since > 3 * IDLE);
  receiver.child.kill('SIGCONT');
  sender.child.kill('SIGCONT');
  await expectStored(sender, receiver, /resent$/m);
  expect(receiver.stderr).not.toContain('ended early');
});
