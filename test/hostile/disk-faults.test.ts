import { existsSync, readdirSync, readFileSync, rmSync } from 'node:fs';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { content, eventsIn, useBench } from '../e2e/processes.ts';
import { type FaultKind, FaultyDisk } from './faulty-disk.ts';
import { type Served, startReceiver } from './served.ts';

// Every call on the disk that a small transfer makes fails once, in a real receiver.

/** What is below a mebibyte is made with its final mode; the rest gets it by a call, and is kept for another try. */
const SMALL = content(600_000);
const LARGE = content(1_500_000);
const EDQUOT = 122;
const ERRORS = { EIO: /i\/o error/, EDQUOT: /quota/, ENOSPC: /no space left/, EMFILE: /too many open files/ };
const MOST_CALLS = 20;

const bench = useBench();
const faults = FaultyDisk.make();
let served: Served;
beforeAll(async () => {
  served = await startReceiver([], '', undefined, faults?.env);
});
afterAll(async () => {
  await served.stop();
  faults?.remove();
});

interface Calls {
  readonly kind: FaultKind;
  readonly size: string;
  readonly sent: Uint8Array;
  /** Taken in turns. */
  readonly names: readonly (keyof typeof ERRORS)[];
}

const OF_SMALL = { size: 'small', sent: SMALL };
const OF_DISKS = ['EIO', 'EDQUOT', 'ENOSPC'] as const;
const CALLS: readonly Calls[] = [
  ...(['create', 'write', 'sync', 'link'] as const).map((kind) => ({ kind, ...OF_SMALL, names: OF_DISKS })),
  ...(['chmod', 'mkdir', 'rename'] as const).map((kind) => ({ kind, size: 'large', sent: LARGE, names: OF_DISKS })),
  { kind: 'create', ...OF_SMALL, names: ['EMFILE'] },
];

describe.skipIf(faults === undefined)('each call that can fail, failing once', () => {
  test.each(CALLS)(
    '$kind, a $size file ($names): one line, nothing wrong published, and the next transfer works',
    async ({ kind, sent, names }) => {
      if (faults === undefined) return;
      let tried = 0;
      for (let nth = 1; nth <= MOST_CALLS; nth++) {
        const name = names[nth % names.length] ?? 'EIO';
        faults.arm(kind, nth, name === 'EDQUOT' ? EDQUOT : name);
        const { code, stderr } = await served.send('file', sent);
        const hasFailed = faults.hasFailed;
        faults.disarm();
        const path = join(served.out, 'file');
        if (existsSync(path)) expect(readFileSync(path).equals(sent)).toBe(true);
        expect(served.isRunning()).toBe(true);
        if (!hasFailed) {
          expect(code).toBe(0); // it made no more such calls
          break;
        }
        tried++;
        expect({ nth, code, stderr }).toEqual({ nth, code: 6, stderr: expect.stringMatching(/^udpcp: [^\n]+\n$/) });
        expect(stderr).toMatch(ERRORS[name]);
        await (sent === LARGE ? served.released() : served.settled());
        rmSync(path, { force: true });
      }
      expect(tried).toBeGreaterThan(0);
      await served.settled();
      expect(readdirSync(served.out)).toEqual(['file']);
      rmSync(join(served.out, 'file'));
    },
  );
});

test('a call that does not return for longer than the idle timeout holds up its transfer and no other', async () => {
  if (faults === undefined) return;
  const receiver = await bench.recv(['--idle-timeout', '1s'], { env: faults.env });
  const target = `127.0.0.1:${receiver.port}`;
  faults.armHold('write', 2);
  const sender = bench.start(['send', bench.file('held', LARGE), target, '--jsonl']);
  await sender.says(/("type":"progress".*\n[\s\S]*){3}/, 'stdout'); // one a second
  expect(faults.hasFailed).toBe(true);
  expect(await bench.send([bench.file('other', SMALL), target])).toMatchObject({ code: 0 });
  expect(sender.child.exitCode).toBeNull();
  faults.disarm();
  const { code, stdout } = await sender.ended;
  expect([code, eventsIn(stdout, 'retry')]).toEqual([0, []]);
  expect(readFileSync(join(receiver.out, 'held')).equals(LARGE)).toBe(true);
});
