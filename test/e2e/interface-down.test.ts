import { spawnSync } from 'node:child_process';
import { readdirSync, readFileSync, statSync } from 'node:fs';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { canMakeMachines, ip, machineName, on, running } from './machines.ts';
import { content, hasArrived, until, useBench } from './processes.ts';

const bench = useBench();

/** Two machines and a cable. */
const [HERE, THERE] = [machineName('a'), machineName('b')];
const ADDRESS = { [HERE]: '192.0.2.1', [THERE]: '192.0.2.2' };
const hasFirewall = spawnSync('nft', ['--version']).status === 0;

const SIZE = 250_000;

/** Datagrams that a machine had no way for. */
function withoutRoute(machine: string): number {
  const [names = '', values = ''] = on(machine, 'cat', '/proc/net/snmp').split('\n');
  return Number(values.split(' ')[names.split(' ').indexOf('OutNoRoutes')]);
}

describe.skipIf(!canMakeMachines)('an interface that goes down', () => {
  beforeAll(() => {
    for (const machine of [HERE, THERE]) ip('netns', 'add', machine);
    ip('link', 'add', 'cable', 'netns', HERE, 'type', 'veth', 'peer', 'name', 'cable', 'netns', THERE);
    for (const machine of [HERE, THERE]) {
      on(machine, 'ip', 'addr', 'add', `${ADDRESS[machine]}/24`, 'dev', 'cable');
      on(machine, 'ip', 'link', 'set', 'cable', 'up');
    }
  });
  afterAll(() => {
    for (const machine of [HERE, THERE]) ip('netns', 'delete', machine);
  });

  test('costs time, and for longer another session: what cannot be sent is lost, not fatal', async () => {
    const at = ADDRESS[THERE] ?? '';
    const receiver = await bench.recv(['--bind', at, '--idle-timeout', '2s'], running(THERE));
    const path = bench.file('large', content(SIZE));
    const slow = ['--bandwidth-out', '400k', '--seed', '1'];
    const sender = bench.start(['send', path, `${at}:${receiver.port}`, ...slow], running(HERE));
    await until(() => hasArrived(receiver.out));

    for (const machine of [HERE, THERE]) {
      const before = withoutRoute(machine);
      on(machine, 'ip', 'link', 'set', 'cable', 'down');
      await until(() => withoutRoute(machine) > before);
      on(machine, 'ip', 'link', 'set', 'cable', 'up');
      const arrived = sizeOf(receiver.out);
      await until(() => sizeOf(receiver.out) > arrived);
      expect(sender.stderr).not.toContain('calling again');
    }

    on(HERE, 'ip', 'link', 'set', 'cable', 'down');
    await sender.says(/^udpcp: lost the receiver: .*; calling again/m);
    on(HERE, 'ip', 'link', 'set', 'cable', 'up');
    expect(await sender.ended).toMatchObject({ code: 0, stderr: expect.stringMatching(/1 reconnection$/m) });
    expect(readFileSync(join(receiver.out, 'large')).equals(content(SIZE))).toBe(true);
  });

  test.skipIf(!hasFirewall)('and neither is what a firewall forbids to send (EPERM), at either side', async () => {
    const at = ADDRESS[THERE] ?? '';
    const receiver = await bench.recv(['--bind', at], running(THERE));
    const path = bench.file('large', content(SIZE));
    const sender = bench.start(['send', path, `${at}:${receiver.port}`, '--bandwidth-out', '400k'], running(HERE));
    await until(() => hasArrived(receiver.out));
    for (const machine of [HERE, THERE]) {
      on(machine, 'nft', 'add table inet wall; add chain inet wall out { type filter hook output priority 0; }');
      on(machine, 'nft', 'add rule inet wall out counter drop');
      await until(() => dropped(machine) > 2);
      on(machine, 'nft', 'delete table inet wall');
    }
    expect(await sender.ended).toMatchObject({ code: 0, stderr: expect.not.stringContaining('calling again') });
    expect(readFileSync(join(receiver.out, 'large')).equals(content(SIZE))).toBe(true);
  });
});

/** Packets that the firewall of a machine has kept from leaving. */
function dropped(machine: string): number {
  const [, packets] = /counter packets (\d+)/.exec(on(machine, 'nft', 'list table inet wall')) ?? [];
  return Number(packets);
}

/** All that is in a directory. */
function sizeOf(directory: string): number {
  return readdirSync(directory).reduce((sum, name) => sum + statSync(join(directory, name)).size, 0);
}
