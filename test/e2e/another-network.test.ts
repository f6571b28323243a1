import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { canMakeMachines, ip, machineName, on, running } from './machines.ts';
import { content, hasArrived, until, useBench } from './processes.ts';

const bench = useBench();

const [HERE, THERE] = [machineName('c'), machineName('d')];
const RECEIVER = '198.51.100.9';
/** Two ways from here to there; the first is the better one. */
const WAYS = { cable: '192.0.2', mobile: '203.0.113' };

const SIZE = 250_000;

describe.skipIf(!canMakeMachines)('a sender that moves to another network', () => {
  beforeEach(() => {
    for (const machine of [HERE, THERE]) ip('netns', 'add', machine);
    on(THERE, 'ip', 'link', 'set', 'lo', 'up');
    on(THERE, 'ip', 'addr', 'add', RECEIVER, 'dev', 'lo');
    Object.entries(WAYS).forEach(([name, network], index) => {
      ip('link', 'add', name, 'netns', HERE, 'type', 'veth', 'peer', 'name', name, 'netns', THERE);
      [HERE, THERE].forEach((machine, host) => {
        on(machine, 'ip', 'addr', 'add', `${network}.${host + 1}/24`, 'dev', name);
        on(machine, 'ip', 'link', 'set', name, 'up');
      });
      on(HERE, 'ip', 'route', 'add', RECEIVER, 'via', `${network}.2`, 'metric', `${index + 1}`);
    });
  });
  afterEach(() => {
    for (const machine of [HERE, THERE]) ip('netns', 'delete', machine);
  });

  test.each([
    ['when its interface goes down', ['ip', 'link', 'set', 'cable', 'down']],
    ['when its interface is gone', ['ip', 'link', 'delete', 'cable']],
    ['when its address is taken away', ['ip', 'addr', 'flush', 'dev', 'cable']],
  ])('goes on in the same session %s', async (_, leave) => {
    const receiver = await bench.recv(['--bind', RECEIVER], running(THERE));
    const path = bench.file('large', content(SIZE));
    const slow = ['--bandwidth-out', '400k', '--seed', '1', '-v'];
    const sender = bench.start(['send', path, `${RECEIVER}:${receiver.port}`, ...slow], running(HERE));
    await until(() => hasArrived(receiver.out));
    on(HERE, ...leave);
    const { code, stderr } = await sender.ended;
    expect({ code, stderr }).toEqual({ code: 0, stderr: expect.not.stringContaining('calling again') });
    expect(readFileSync(join(receiver.out, 'large')).equals(content(SIZE))).toBe(true);
  });
});
