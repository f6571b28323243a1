import { expect, test } from 'vitest';
import { MemoryStore } from '../../src/transfer/memory-store.ts';
import { ReceivingTransfer } from '../../src/transfer/receiving.ts';
import { createDigest, join } from './bytes.ts';
import { encodeMessage } from './codec.ts';
import { content, offer } from './phrases.ts';
import { ScriptedStream } from './scripted-stream.ts';

const PAGE = 1000;
const PAGES = 40;

test('a sender whose stream is all crumbs takes its turn in pieces, and asks for the next one', () => {
  const stream = new ScriptedStream();
  let wakes = 0;
  const owner = { heardAt: 0, ping: () => {}, replace: () => {} };
  const receiving = new ReceivingTransfer(new MemoryStore(createDigest), stream, () => wakes++, owner);
  stream.say(offer(0, PAGE * PAGES));
  receiving.step();
  for (let page = 0; page < PAGES; page++) {
    const crumbs = Array.from({ length: PAGE }, (_, i) => content(0, PAGE * page + i, Uint8Array.of(i)));
    stream.sayBytes(join(crumbs.map(encodeMessage)));
  }

  let turns = 0;
  for (let before = -1; before !== wakes && turns < 200; turns++) {
    before = wakes;
    receiving.step();
    if (turns === 0) expect(receiving.progress.bytes).toBeLessThan((PAGE * PAGES) / 4);
  }
  expect(turns).toBeGreaterThan(4);
  expect(receiving.progress.bytes).toBe(PAGE * PAGES);
  expect(stream.bytesConsumed).toBe(stream.bytesRead);
  expect(receiving.violation).toBeUndefined();
});
