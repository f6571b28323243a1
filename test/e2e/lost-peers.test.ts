import { existsSync, readdirSync } from 'node:fs';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { content, hasArrived, until, useBench } from './processes.ts';

const bench = useBench();

const SLOW = ['--bandwidth-out', '400k', '--seed', '1'];

test('a receiver notices that a sender was killed, keeps nothing of it, and serves the next', async () => {
  const receiver = await bench.recv(['--idle-timeout', '1s']);
  const target = `127.0.0.1:${receiver.port}`;
  const sender = bench.start(['send', bench.file('large', content(1_000_000)), target, ...SLOW]);
  await until(() => hasArrived(receiver.out));
  await sender.kill('SIGKILL');
  await receiver.says(/^udpcp: the transfer from 127\.0\.0\.1:\d+ ended early: the sender fell silent$/m);
  await until(() => readdirSync(receiver.out).length === 0);
  expect(await bench.send([bench.file('f', 'x'), target])).toMatchObject({ code: 0 });
  expect(readdirSync(receiver.out)).toEqual(['f']);
});

test('a sender notices that the receiver was killed, by the idle timeout that both agreed on', async () => {
  const receiver = await bench.recv(['--idle-timeout', '1s']);
  const target = `127.0.0.1:${receiver.port}`;
  const sender = bench.start(['send', bench.file('large', content(1_000_000)), target, ...SLOW, '--retry-for', '0']);
  await until(() => hasArrived(receiver.out));
  await receiver.kill('SIGKILL');
  const sent = await sender.ended;
  expect(sent.code).toBe(4);
  expect(sent.stderr).toContain(
    `udpcp: lost the receiver: nothing was heard from ${target} for 1 s; send again when the network is back\n`,
  );
  expect(existsSync(join(receiver.out, 'large'))).toBe(false);
});

test('what a killed receiver left behind is not in the way of the next one', async () => {
  const first = await bench.recv(['--idle-timeout', '1s']);
  const path = bench.file('large', content(100_000));
  const sender = bench.start(['send', path, `127.0.0.1:${first.port}`, '--bandwidth-out', '100k', '--retry-for', '0']);
  await until(() => hasArrived(first.out));
  await first.kill('SIGKILL');
  await sender.ended;
  const second = await bench.recv([], { out: first.out });
  expect(await bench.send([path, `127.0.0.1:${second.port}`])).toMatchObject({ code: 0 });
  expect(readdirSync(first.out)).toContain('large');
});
