import { spawnSync } from 'node:child_process';
import { existsSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterAll, describe, expect, test } from 'vitest';
import { isProtectedPacket } from '../../src/wire/protected-header.ts';
import { content, hasArrived, type Running, UDPCP, until, useBench } from './processes.ts';
import { eavesdrop } from './relay.ts';

const bench = useBench(afterAll);

const SIGNALS = [
  ['SIGINT', 130],
  ['SIGTERM', 143],
  ['SIGHUP', 129],
] as const;

/** A name service that never answers; then what follows. */
const MUTE_NAME_SERVICE = `
  const service = require('dgram').createSocket('udp4').bind(53, '127.0.0.1', () => {
    const [command, ...args] = process.argv.slice(1);
    const child = require('child_process').spawn(command, args, { stdio: 'inherit' });
    service.on('message', () => console.log('asked'));
    for (const signal of ['SIGINT', 'SIGTERM', 'SIGHUP']) process.on(signal, () => child.kill(signal));
    child.on('exit', (code, signal) => process.exit(code ?? 128 + require('os').constants.signals[signal]));
  });`;
const canUnshare = spawnSync('unshare', ['-mn', 'true']).status === 0;

describe.skipIf(!canUnshare)('a sender does not wait for a name service that does not answer:', () => {
  test.concurrent.each(SIGNALS)('it ends at once by %s', async (signal, code) => {
    const resolver = join(bench.directory(), 'resolv.conf');
    writeFileSync(resolver, 'nameserver 127.0.0.1\noptions timeout:30 attempts:5\n');
    const line = `ip link set lo up && mount --bind '${resolver}' /etc/resolv.conf && exec "$0" "$@"`;
    const sender = bench.start(['send', bench.file('f', 'x'), 'host.example'], {
      command: [
        'unshare',
        '-mn',
        '/bin/sh',
        '-c',
        line,
        process.execPath,
        '-e',
        MUTE_NAME_SERVICE,
        process.execPath,
        UDPCP,
      ],
    });
    await sender.says(/asked/, 'stdout');
    const { code: ended, stderr } = await sender.kill(signal);
    expect({ ended, stderr }).toEqual({ ended: code, stderr: 'udpcp: interrupted before anything was sent\n' });
  });

  test.concurrent('it ends when it gives up calling', async () => {
    const directory = bench.directory();
    const [resolver, hosts, out, log] = ['resolv.conf', 'hosts', 'out', 'log'].map((name) => join(directory, name));
    writeFileSync(`${resolver}`, 'nameserver 127.0.0.1\noptions timeout:30 attempts:5\n');
    writeFileSync(`${hosts}`, '127.0.0.1 host.example\n');
    const line = `
      ip link set lo up
      mount --bind '${resolver}' /etc/resolv.conf
      mount --bind '${hosts}' /etc/hosts
      "$0" '${UDPCP}' recv --out '${out}' --bind 127.0.0.1 2>'${log}' &
      echo "receiver $!"
      until grep -q '^listening' '${log}'; do sleep 0.05; done
      exec "$0" "$@"`;
    const again = ['--rate', '1M', '--idle-timeout', '1s', '--retry-for', '2s'];
    const sender = bench.start(['send', bench.file('f', content(1_000_000)), 'host.example', ...again], {
      command: [
        'unshare',
        '-mn',
        '/bin/sh',
        '-c',
        line,
        process.execPath,
        '-e',
        MUTE_NAME_SERVICE,
        process.execPath,
        UDPCP,
      ],
    });
    const [, receiver] = await sender.says(/receiver (\d+)\n/, 'stdout');
    await until(() => existsSync(`${out}`) && hasArrived(`${out}`));
    writeFileSync(`${hosts}`, '');
    process.kill(Number(receiver), 'SIGKILL');
    await sender.says(/asked/, 'stdout');
    expect(await sender.ended).toMatchObject({ code: 4, stderr: expect.stringMatching(/^udpcp: lost .*tried again/m) });
  });
});

describe('a sender that waits for its confirmation', () => {
  /** Everything has arrived and is published, and the sender does not hear of it. */
  async function unconfirmed(): Promise<{ sender: Running; close: () => Promise<void> }> {
    const receiver = await bench.recv();
    const relay = await eavesdrop(receiver.port);
    const stored = join(receiver.out, 'f');
    relay.passes = ({ to, bytes }) => to === 'receiver' || !isProtectedPacket(bytes) || !existsSync(stored);
    const sender = bench.start(['send', bench.file('f', 'x'), `127.0.0.1:${relay.port}`]);
    await receiver.says(/^stored f, /m);
    return { sender, close: () => relay.close() };
  }

  test.concurrent.each(SIGNALS)('ends by %s', async (signal, code) => {
    const { sender, close } = await unconfirmed();
    expect(await sender.kill(signal)).toMatchObject({ code, stderr: expect.stringMatching(/^udpcp: interrupted; /m) });
    await close();
  });
});

test.concurrent('a sender that has been stopped and still says goodbye is ended at once by a second signal', async () => {
  const receiver = await bench.recv();
  const target = `127.0.0.1:${receiver.port}`;
  const sender = bench.start(['send', bench.file('f', 'x'), target, '--delay-out', '900ms']);
  await receiver.says(/^encrypted; /m);
  sender.child.kill('SIGTERM');
  const impatience = setInterval(() => sender.child.kill('SIGINT'), 50);
  const { code } = await sender.ended.finally(() => clearInterval(impatience));
  expect(code).toBe(130); // the second one's
});
