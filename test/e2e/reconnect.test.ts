import { existsSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterEach, describe, expect, test } from 'vitest';
import { content, hasArrived, type Receiving, until, useBench } from './processes.ts';
import { eavesdrop, type Relay } from './relay.ts';

const bench = useBench();

const relays: Relay[] = [];
afterEach(async () => {
  for (const relay of relays.splice(0)) await relay.close();
});

/** A second for a megabyte: so slow that there is a middle. */
const SLOW = ['--bandwidth-out', '6M', '--seed', '1'];
const DYING = ['--idle-timeout', '1s'];

/** The same directory and port again. */
const again = ({ out, port }: Receiving, args: readonly string[] = []): Promise<Receiving> =>
  bench.recv(['--port', `${port}`, ...args], { out });

describe.each(['SIGKILL', 'SIGTERM', 'SIGHUP'] as const)('a receiver that ends midway by %s', (signal) => {
  test('and is started again gets the whole file from the same command', async () => {
    const first = await bench.recv(DYING);
    const path = bench.file('large', content(1_000_000));
    const sender = bench.start(['send', path, `127.0.0.1:${first.port}`, ...SLOW]);
    await until(() => hasArrived(first.out));
    await first.kill(signal);
    await sender.says(/^udpcp: .*; calling again for 10:00$/m);
    const second = await again(first);
    const { code, stderr } = await sender.ended;
    expect(code).toBe(0);
    expect(stderr).toMatch(/^connected again$/m);
    expect(stderr).toMatch(/^sent 1 file, 1 MB in .*, 1 reconnection$/m);
    expect(readFileSync(join(second.out, 'large'))).toEqual(readFileSync(path));
  });
});
