import { existsSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterAll, expect, test } from 'vitest';
import { isProtectedPacket } from '../../src/wire/protected-header.ts';
import {
  content,
  type Ended,
  eventsIn,
  hasArrived,
  type Receiving,
  type Running,
  until,
  useBench,
} from './processes.ts';
import { eavesdrop, type Relay } from './relay.ts';

// Most of the time is spent in waiting for a silence to last: together.
const bench = useBench(afterAll);

const relays: Relay[] = [];
afterAll(async () => {
  for (const relay of relays.splice(0)) await relay.close();
});

/** A second for all of it: so slow that there is a middle. */
const SIZE = 100_000;
const SLOW = ['--bandwidth-out', '800k', '--seed', '1'];
const IMPATIENT = ['--idle-timeout', '1s'];

async function relayTo(receiver: Receiving): Promise<Relay> {
  const relay = await eavesdrop(receiver.port);
  relays.push(relay);
  return relay;
}

/** A transfer of which some has arrived. */
async function midway(receiver: Receiving, args: readonly string[] = SLOW, port = receiver.port): Promise<Running> {
  const sender = bench.start(['send', bench.file('large', content(SIZE)), `127.0.0.1:${port}`, ...args]);
  await until(() => hasArrived(receiver.out));
  return sender;
}

async function expectStored(sender: Running, { out }: Receiving): Promise<void> {
  const { code, stderr } = await sender.ended;
  expect({ code, stderr }).toEqual({ code: 0, stderr: expect.stringMatching(/^sent .*, 1 reconnection$/m) });
  expect(stderr).toMatch(/^connected again$/m);
  expect(readFileSync(join(out, 'large')).equals(content(SIZE))).toBe(true);
}

test.concurrent('a receiver that ends midway and is started again gets the whole file from the same command', async () => {
  const ends = [
    ['SIGKILL', 'lost the receiver: nothing was heard from 127.0.0.1:PORT for 1 s'],
    ['SIGTERM', 'the receiver ended the transfer: the receiver is restarting or was stopped'],
    ['SIGHUP', 'the receiver ended the transfer: the receiver is restarting or was stopped'],
  ] as const;
  const run = async ([signal, words]: (typeof ends)[number]): Promise<void> => {
    const first = await bench.recv(IMPATIENT);
    const sender = await midway(first);
    await first.kill(signal);
    await sender.says(/calling again/);
    expect(sender.stderr).toContain(`udpcp: ${words.replace('PORT', `${first.port}`)}; calling again for 10:00\n`);
    await expectStored(sender, await bench.recv(['--port', `${first.port}`], { out: first.out }));
  };
  await Promise.all(ends.map(run));
});

test.concurrent('a receiver that is killed and started again is found out long before the idle timeout', async () => {
  const PATIENT = ['--idle-timeout', '10m'];
  const run = async (protection: readonly string[]): Promise<void> => {
    const first = await bench.recv([...PATIENT, ...protection]);
    const sender = await midway(first, [...SLOW, ...PATIENT, ...protection]);
    await first.kill('SIGKILL');
    const again = await bench.recv(['--port', `${first.port}`, ...protection], { out: first.out });
    await expectStored(sender, again);
    const words = `the one that answers at 127.0.0.1:${first.port} now knows nothing of this transfer`;
    expect(sender.stderr).toContain(`udpcp: lost the receiver: ${words}; calling again for 10:00\n`);
  };
  await Promise.all([run([]), run(['--plaintext'])]);
});

test.concurrent('a network that is away for longer than the idle timeout, one way or both, does not end the sending', async () => {
  const run = async (blocked: readonly string[]): Promise<void> => {
    const receiver = await bench.recv(IMPATIENT);
    const relay = await relayTo(receiver);
    const sender = await midway(receiver, SLOW, relay.port);
    relay.passes = ({ to }) => !blocked.includes(to);
    await sender.says(/nothing was heard .*; calling again for 10:00$/m);
    const calls = () => relay.datagrams.filter(({ to, bytes }) => to === 'receiver' && !isProtectedPacket(bytes));
    const before = calls().length;
    await until(() => calls().length > before + 2); // they go on all the time
    relay.passes = () => true;
    await expectStored(sender, receiver);
    expect(relay.lost).toBeGreaterThan(3);
  };
  await Promise.all([['receiver', 'sender'], ['receiver'], ['sender']].map(run));
});

test.concurrent('files that were stored before the loss are not sent again, and a lost confirmation is asked for again', async () => {
  const receiver = await bench.recv([...IMPATIENT, '--jsonl']);
  const relay = await relayTo(receiver);
  const [small, large] = [bench.file('small', 'x'), bench.file('large', content(SIZE))];
  // The receiver publishes a file before it says so.
  const isPublished = () => existsSync(join(receiver.out, 'large'));
  relay.passes = ({ to, bytes }) => to === 'receiver' || !isProtectedPacket(bytes) || !isPublished();
  const sender = bench.start(['send', small, large, `127.0.0.1:${relay.port}`, ...SLOW, '--json']);
  await sender.says(/calling again/);
  expect(isPublished() && relay.lost > 0).toBe(true);
  relay.passes = () => true;
  const { code, stdout } = await sender.ended;
  expect(code).toBe(0);
  // What this sending brought itself was not there before it.
  const stored = { status: 'stored', resumedBytes: 0, alreadyThere: false };
  expect(JSON.parse(stdout)).toMatchObject({ reconnections: 1, files: [stored, stored] });
  await receiver.says(/(.*"type":"transfer".*\n[\s\S]*){2}/, 'stdout');
  const files = eventsIn(receiver.stdout, 'file');
  expect(files.map(({ transfer, name, alreadyThere }) => [transfer, name, alreadyThere])).toEqual([
    [1, 'small', false],
    [1, 'large', false],
    [2, 'large', true],
  ]);
});

test.concurrent('a receiver that is busy is called until it has room', async () => {
  const receiver = await bench.recv([...IMPATIENT, '--max-sessions', '1']);
  const first = await midway(receiver, ['--bandwidth-out', '40k']);
  const second = bench.start(['send', bench.file('other', 'x'), `127.0.0.1:${receiver.port}`]);
  await second.says(/^udpcp: .* it serves as many senders as it can; calling again for 10:00$/m);
  await first.kill('SIGINT');
  expect(await second.ended).toMatchObject({ code: 0, stderr: expect.stringMatching(/^connected$/m) });
});

test.concurrent('a sender that lost its receiver gives up when the time is up, and says how long it tried', async () => {
  const receiver = await bench.recv(IMPATIENT);
  const sender = await midway(receiver, [...SLOW, '--retry-for', '2s', '--json']);
  await receiver.kill('SIGKILL');
  const { code, stdout } = await sender.ended;
  expect(code).toBe(4);
  const message = expect.stringMatching(/^lost the receiver: nothing was heard from .* \(tried again for [2-9] s\)$/);
  expect(JSON.parse(stdout)).toMatchObject({ reconnections: 0, error: { code: 'ERR_IDLE_TIMEOUT', message } });
});

test.concurrent('a sender that waits for its receiver ends at once by a signal, or when another receiver returns', async () => {
  const run = async (before: readonly string[], then: (sender: Running, port: number) => unknown): Promise<Ended> => {
    const first = await bench.recv([...IMPATIENT, ...before]);
    const sender = await midway(first);
    await first.kill('SIGTERM');
    await sender.says(/calling again/);
    await then(sender, first.port);
    return sender.ended;
  };
  const returns = (args: readonly string[]) => (_: Running, port: number) => bench.recv(['--port', `${port}`, ...args]);
  const key = join(bench.directory(), 'key');
  expect(await bench.start(['keygen', '--key-file', key]).ended).toMatchObject({ code: 0 });
  const identity = ['--identity', join(bench.directory(), 'id')];
  const rows = [
    [[], ({ child }: Running) => child.kill('SIGINT'), 130, /^udpcp: interrupted; /m],
    [[], ({ child }: Running) => child.kill('SIGTERM'), 143, /^udpcp: interrupted; /m],
    [[], returns(['--key-file', key]), 3, /the receiver wants a key/],
    [identity, returns([]), 3, /is not the one that was asked for: it shows no identity/],
  ] as const;
  await Promise.all(
    rows.map(async ([before, then, code, words]) => {
      expect(await run(before, then)).toMatchObject({ code, stderr: expect.stringMatching(words) });
    }),
  );
});
