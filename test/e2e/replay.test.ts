import { readdirSync } from 'node:fs';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { content, eventsIn, sha256, useBench } from './processes.ts';
import { eavesdrop } from './relay.ts';

const bench = useBench();

test('a recorded session that is played again 100 times creates nothing, and the next sender is served', async () => {
  // With --rename another transfer of the same file would be stored.
  const receiver = await bench.recv(['--rename', '--jsonl']);
  const relay = await eavesdrop(receiver.port);
  try {
    const path = bench.file('file', content(30_000));
    expect(await bench.send([path, `127.0.0.1:${relay.port}`])).toMatchObject({ code: 0 });
    await receiver.says(/"type":"transfer".*\n/, 'stdout');
    const recorded = relay.datagrams.filter(({ to }) => to === 'receiver');
    expect(recorded.length).toBeGreaterThan(10);
    for (let round = 0; round < 100; round++) {
      for (const { bytes } of recorded) await relay.inject(bytes, round % 2 === 0 ? 'same' : 'other');
    }
    expect(readdirSync(receiver.out)).toEqual(['file']);

    const next = bench.file('next', content(1000));
    expect(await bench.send([next, `127.0.0.1:${receiver.port}`])).toMatchObject({ code: 0 });
    expect(sha256(join(receiver.out, 'next'))).toBe(sha256(next));
    const { stdout } = await receiver.kill('SIGINT');
    expect(eventsIn(stdout, 'session')).toHaveLength(2);
    expect(eventsIn(stdout, 'transfer').map(({ stored }) => stored)).toEqual([1, 1]);
    expect(readdirSync(receiver.out).sort()).toEqual(['file', 'next']);
  } finally {
    await relay.close();
  }
});
