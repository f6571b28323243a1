import { mkdir, readdir, readFile, truncate, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { openStore, type StoreOptions } from '../../src/store/file-store.ts';
import { openSource } from '../../src/store/outgoing/open-source.ts';
import { ReceivingTransfer } from '../../src/transfer/receiving.ts';
import { SendingTransfer } from '../../src/transfer/sending.ts';
import { BytePipe, type PipeShape } from '../transfer/byte-pipe.ts';
import { bytesLike } from './content.ts';
import { codeName, SOMEBODY } from './drive.ts';
import { openInside, temporaryDirectory } from './temporary.ts';

/** Files of a temporary directory sent into its `out`. */
async function copy(sizes: readonly number[], shape: PipeShape, options?: StoreOptions) {
  const parent = await temporaryDirectory();
  const out = join(parent, 'out');
  await mkdir(out);
  const paths = sizes.map((_size, i) => join(parent, `file ${i}`));
  for (const [i, path] of paths.entries()) await writeFile(path, bytesLike(sizes[i] ?? 0));
  const entries = await Promise.all(paths.map((path) => openSource(path)));
  const into = await openStore(out, options);
  const pipe = new BytePipe(shape, shape);
  const sending = new SendingTransfer(entries, pipe.sender, pipe.touchSender);
  const receiving = new ReceivingTransfer(into, pipe.receiver, pipe.touchReceiver, SOMEBODY);
  const run = async (onRound: () => Promise<unknown> | unknown = () => {}) => {
    while (sending.state === 'running' || receiving.state === 'running') {
      await onRound();
      pipe.touched.sender = pipe.touched.receiver = false;
      sending.step();
      receiving.step();
      const moved = [pipe.toReceiver.deliver(), pipe.toSender.deliver()].includes(true);
      if (!moved && !pipe.touched.sender && !pipe.touched.receiver)
        await new Promise((resolve) => setImmediate(resolve));
    }
    await into.close();
    expect((await openInside(parent)) ?? []).toEqual([]);
    return [sending.state, receiving.state];
  };
  return { parent, out, paths, pipe, sending, receiving, run };
}

const SIZES = [0, 1, 70_000, 262_144, 0, 1_500_001];

test.each([
  { shape: { window: 16 * 1024 * 1024, slices: [65_000] } },
  { shape: { window: 300_000, slices: [1, 1200, 999] } },
])(
  'files cross both transfer machines with a window of $shape.window bytes',
  { timeout: 30_000 },
  async ({ shape }) => {
    const { out, run } = await copy(SIZES, shape);
    expect(await run()).toEqual(['complete', 'complete']);
    for (const [i, size] of SIZES.entries()) {
      expect((await readFile(join(out, `file ${i}`))).equals(bytesLike(size))).toBe(true);
    }
    expect(await readdir(out)).toHaveLength(SIZES.length);
  },
);

test('a file that changes on its way fails alone', async () => {
  const { out, paths, pipe, run } = await copy([10, 4_000_000, 20], { window: 300_000, slices: [10_000] });
  let changed = false;
  const states = await run(async () => {
    if (changed || pipe.toReceiver.written < 1_000_000) return;
    changed = true;
    await truncate(paths[1] ?? '', 5);
  });
  expect(states).toEqual(['complete', 'complete']);
  const names = (await readdir(out)).sort();
  expect(names.filter((name) => !name.startsWith('.udpcp-'))).toEqual(['file 0', 'file 2']);
  // Most of it may still be right: the next try compares.
  expect(names.slice(0, -2).map((name) => name.split('.').at(-1))).toEqual(['journal', 'part']);
});

test('a file above the limit is refused and the others come', async () => {
  const { out, sending, run } = await copy([10, 4_000, 20], { window: 100_000, slices: [1_000] }, { maxSize: 1_000 });
  expect(await run()).toEqual(['complete', 'complete']);
  expect((await readdir(out)).sort()).toEqual(['file 0', 'file 2']);
  expect(sending.outcomes.map((outcome) => codeName(outcome?.code ?? -1))).toEqual(['ok', 'tooLarge', 'ok']);
});
