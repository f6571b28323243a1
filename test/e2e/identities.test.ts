import { chmodSync, readFileSync, statSync } from 'node:fs';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { type Ended, type Receiving, useBench } from './processes.ts';

const bench = useBench();

/** Makes an identity; returns its file and its public key. */
async function makeIdentity(): Promise<{ path: string; publicKey: string }> {
  const path = join(bench.directory(), 'identity');
  const { stdout } = await bench.start(['keygen', '--identity', path]).ended;
  return { path, publicKey: stdout.trim() };
}

let count = 0;
/** Sends a small file of another name each time. */
function sendTo({ port }: Pick<Receiving, 'port'>, known: string, args: readonly string[] = []): Promise<Ended> {
  const env = { UDPCP_KNOWN_HOSTS: known };
  return bench.send([bench.file(`file ${count++}`, 'x'), `127.0.0.1:${port}`, ...args], { env });
}

test('a receiver is remembered at the first meeting, and refused when it is another one or none', async () => {
  const known = join(bench.directory(), 'config', 'known_hosts');
  const { path, publicKey } = await makeIdentity();
  const receiver = await bench.recv(['--identity', path]);
  await receiver.says(new RegExp(`^senders know this receiver as ${publicKey}$`, 'm'));
  const first = await sendTo(receiver, known, ['--json']);
  expect(first.code).toBe(0);
  expect(first.stderr).toContain(
    `met 127.0.0.1:${receiver.port} for the first time: ${publicKey} is now in ${known}\n`,
  );
  expect(JSON.parse(first.stdout)).toMatchObject({ security: { identity: publicKey } });
  expect(readFileSync(known, 'utf8')).toBe(`127.0.0.1:${receiver.port} ${publicKey}\n`);
  expect(statSync(known).mode & 0o777).toBe(0o600);

  const second = await sendTo(receiver, known);
  expect(second.code).toBe(0);
  expect(second.stderr).not.toContain('first time');
  await receiver.kill('SIGINT');

  const other = await makeIdentity();
  for (const [args, shown] of [
    [['--identity', other.path], `now shows ${other.publicKey}`],
    [[], 'shows no identity any more'],
  ] as const) {
    const impostor = await bench.recv(['--port', `${receiver.port}`, ...args]);
    const sent = await sendTo(impostor, known);
    expect(sent).toMatchObject({ code: 3, stderr: expect.stringContaining(shown) });
    expect(sent.stderr).toMatch(/^udpcp: .* is not the receiver it was: .* delete line 1 of .*\n$/);
    expect((await impostor.kill('SIGINT')).stderr).not.toContain('stored');
  }
  expect(readFileSync(known, 'utf8').trimEnd().split('\n')).toHaveLength(1);
});

test('--peer-key takes that receiver only, and remembers nobody', async () => {
  const known = join(bench.directory(), 'known_hosts');
  const [right, wrong] = [await makeIdentity(), await makeIdentity()];
  const receiver = await bench.recv(['--identity', right.path, '--jsonl']);
  expect(await sendTo(receiver, known, ['--peer-key', right.publicKey])).toMatchObject({ code: 0 });
  const sent = await sendTo(receiver, known, ['--peer-key', wrong.publicKey]);
  expect(sent).toMatchObject({ code: 3, stderr: expect.stringMatching(/not the one that was asked for: it shows /) });
  const nobody = await bench.recv();
  expect(await sendTo(nobody, known, ['--peer-key', right.publicKey])).toMatchObject({
    code: 3,
    stderr: expect.stringMatching(/it shows no identity, not /),
  });
  expect(statSync(known, { throwIfNoEntry: false })).toBeUndefined();
  const [listening] = (await receiver.kill('SIGINT')).stdout.split('\n');
  expect(JSON.parse(listening ?? '')).toMatchObject({ security: { protection: 'noise', identity: right.publicKey } });
});

test('where nothing can be remembered files are sent all the same, and that is said', async () => {
  const { path } = await makeIdentity();
  const receiver = await bench.recv(['--identity', path]);
  const homeless = await bench.send([bench.file('a', 'x'), `127.0.0.1:${receiver.port}`]);
  expect(homeless).toMatchObject({
    code: 0,
    stderr: expect.stringMatching(/^127\.0\.0\.1:\d+ proved .*cannot be remem.*$/m),
  });
  const file = bench.file('no directory', 'x');
  const env = { HOME: file };
  const unwritable = await bench.send([bench.file('b', 'x'), `127.0.0.1:${receiver.port}`], { env });
  expect(unwritable).toMatchObject({ code: 0, stderr: expect.stringMatching(/^udpcp: cannot write .*known_hosts: /m) });
});

test('XDG_CONFIG_HOME comes before HOME', async () => {
  const { path } = await makeIdentity();
  const receiver = await bench.recv(['--identity', path]);
  const [home, config] = [bench.directory(), bench.directory()];
  const target = `127.0.0.1:${receiver.port}`;
  expect(await bench.send([bench.file('a', 'x'), target], { env: { HOME: home } })).toMatchObject({ code: 0 });
  const env = { HOME: home, XDG_CONFIG_HOME: config };
  expect(await bench.send([bench.file('b', 'x'), target], { env })).toMatchObject({ code: 0 });
  const paths = [join(home, '.config/udpcp/known_hosts'), join(config, 'udpcp/known_hosts')];
  for (const each of paths) expect(readFileSync(each, 'utf8')).toContain(`${target} udpcp1id_`);
});

test('an identity that others can read is refused', async () => {
  const { path } = await makeIdentity();
  const copy = bench.file('copy', readFileSync(path));
  chmodSync(copy, 0o644);
  const receiver = await bench.start(['recv', '--out', 'nowhere/out', '--identity', copy]).ended;
  expect(receiver).toMatchObject({ code: 2, stderr: expect.stringMatching(/: others can read .*chmod 600\n$/) });
});
