import { existsSync, readdirSync } from 'node:fs';
import { join } from 'node:path';
import { afterAll, expect, test } from 'vitest';
import { isProtectedPacket } from '../../src/wire/protected-header.ts';
import { FaultyDisk } from '../hostile/faulty-disk.ts';
import { randomContent } from './killing.ts';
import { type Ended, useBench } from './processes.ts';
import { eavesdrop, type Relay } from './relay.ts';

// The receiver has stored the file, and the sender does not hear of it: what it does next ends well, under the default policy.

const bench = useBench(afterAll);
const relays: Relay[] = [];
const disks: FaultyDisk[] = [];
afterAll(async () => {
  for (const relay of relays) await relay.close();
  for (const disk of disks) disk.remove();
});

const IMPATIENT = ['--idle-timeout', '1s'];
/** One that could be resumed, and one that could not. */
const SIZES = [2_600_000, 9];

function expectAlreadyThere({ code, stdout, stderr }: Ended, out: string, reconnections: number): void {
  expect(code, stderr).toBe(0);
  const result = JSON.parse(stdout);
  expect(result).toMatchObject({ reconnections, files: [{ status: 'stored', text: 'already there' }] });
  expect(readdirSync(out)).toEqual(['file']);
}

test.concurrent.each(SIZES)(
  'every receipt gets lost, %i bytes: the sender calls again, or is run again',
  async (size) => {
    const lose = async (args: readonly string[]) => {
      const receiver = await bench.recv(IMPATIENT);
      const relay = await eavesdrop(receiver.port);
      relays.push(relay);
      const isPublished = () => existsSync(join(receiver.out, 'file'));
      relay.passes = ({ to, bytes }) => to === 'receiver' || !isProtectedPacket(bytes) || !isPublished();
      const path = bench.file('file', randomContent(2, size));
      const words = ['send', path, `127.0.0.1:${relay.port}`, '--json', ...args];
      const sender = bench.start(words);
      await (args.length === 0 ? sender.says(/calling again/) : sender.ended);
      expect(isPublished() && relay.lost > 0).toBe(true);
      relay.passes = () => true;
      return { sender, words, out: receiver.out };
    };
    const [calling, given] = await Promise.all([lose([]), lose(['--retry-for', '0'])]);
    expectAlreadyThere(await calling.sender.ended, calling.out, 1);
    expect(await given.sender.ended).toMatchObject({ code: 4 });
    expectAlreadyThere(await bench.start(given.words).ended, given.out, 0);
  },
);

test.concurrent.each(SIZES)(
  'the receiver dies before the receipt, %i bytes: the sender calls the next one',
  async (size) => {
    const disk = FaultyDisk.make();
    if (disk === undefined) return console.warn('not checked: nothing compiles the library here');
    disks.push(disk);
    disk.armKill('after', 'sync', 2); // of the directory
    const first = await bench.recv(IMPATIENT, { env: disk.env });
    const sender = bench.start([
      'send',
      bench.file('file', randomContent(3, size)),
      `127.0.0.1:${first.port}`,
      '--json',
    ]);
    expect(await first.ended).toMatchObject({ signal: 'SIGKILL' });
    expect([disk.hasFailed, existsSync(join(first.out, 'file'))]).toEqual([true, true]);
    await bench.recv(['--port', `${first.port}`], { out: first.out });
    expectAlreadyThere(await sender.ended, first.out, 1);
  },
);
