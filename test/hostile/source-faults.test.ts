import { existsSync, readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { content, type Receiving, sha256, useBench } from '../e2e/processes.ts';
import { FaultyDisk } from './faulty-disk.ts';

// Each read of what a real sender sends fails once.

const bench = useBench(afterAll);
const CONTENT = content(1_500_000);
const MOST_READS = 30;

const faults = FaultyDisk.make();
let receiver: Receiving;
beforeAll(async () => {
  receiver = await bench.recv();
});
afterAll(() => faults?.remove());

describe.skipIf(faults === undefined)('a disk that fails while it is read', () => {
  const send = (...words: readonly string[]) =>
    bench.send([...words, `127.0.0.1:${receiver.port}`], faults === undefined ? {} : { env: faults.env });

  test('at any read: 5 and one line, nothing is published, and the same command goes on', async () => {
    if (faults === undefined) return;
    let tried = 0;
    for (let nth = 1; nth <= MOST_READS; nth++) {
      const path = bench.file(`file-${nth}`, CONTENT);
      faults.arm('read', nth, 'EIO');
      const { code, stderr } = await send(path, '--quiet');
      const hasFailed = faults.hasFailed;
      faults.disarm();
      const stored = join(receiver.out, `file-${nth}`);
      if (!hasFailed) {
        expect(code).toBe(0);
        break; // it made no more such calls
      }
      tried++;
      expect({ nth, code, stderr }).toEqual({
        nth,
        code: 5,
        stderr: expect.stringMatching(/^udpcp: [^\n]*i\/o error\n$/),
      });
      expect(existsSync(stored)).toBe(false);
      expect(await send(path)).toMatchObject({ code: 0 });
      expect(sha256(stored)).toBe(sha256(path));
    }
    expect(tried).toBeGreaterThan(0);
    expect(readdirSync(receiver.out).filter((name) => name.startsWith('.'))).toEqual([]);
  });

  test('of one file of several: the others are stored, and the code says so', async () => {
    if (faults === undefined) return;
    const [first, second] = [bench.file('first', CONTENT), bench.file('second', 'small')];
    faults.arm('read', 2, 'EIO');
    const { code, stderr } = await send(first, second);
    expect(faults.hasFailed).toBe(true);
    faults.disarm();
    expect(code).toBe(8);
    expect(stderr).toMatch(/^udpcp: \S*first: .*i\/o error$/m);
    expect(readFileSync(join(receiver.out, 'second'), 'utf8')).toBe('small');
    expect(existsSync(join(receiver.out, 'first'))).toBe(false);
  });
});
