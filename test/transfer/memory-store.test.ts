import { describe, expect, test } from 'vitest';
import { TRANSFER_CODE } from '../../src/transfer/codes.ts';
import { Delay } from '../../src/transfer/delay.ts';
import { MemoryStore, nameOf, type StoreFault } from '../../src/transfer/memory-store.ts';
import { createDigest, sha256, utf8 } from './bytes.ts';
import { CONTENT, offer } from './phrases.ts';

const ignore = (): void => {};

describe('a sink publishes what was sent and nothing else', () => {
  const [start, rest] = [CONTENT.subarray(0, 30), CONTENT.subarray(30)];
  const fault = (kind: 'fail', after: number) => (): StoreFault => ({ kind, after, code: TRANSFER_CODE.space });
  test.each([
    { name: 'everything came', written: [start, rest], code: TRANSFER_CODE.ok },
    { name: 'bytes are missing', written: [start], code: TRANSFER_CODE.digest },
    { name: 'bytes are swapped', written: [rest, start], code: TRANSFER_CODE.digest },
    { name: 'the disk fails at once', written: [start, rest], fault: fault('fail', 0), code: TRANSFER_CODE.space },
    {
      name: 'the disk fails at the last byte',
      written: [start, rest],
      fault: fault('fail', 100),
      code: TRANSFER_CODE.space,
    },
    {
      name: 'the disk would fail one byte later',
      written: [start, rest],
      fault: fault('fail', 101),
      code: TRANSFER_CODE.ok,
    },
  ])('$name: code $code', ({ written, fault: broken, code }) => {
    const store = new MemoryStore(createDigest, broken ? { fault: broken } : {});
    const sink = store.open(offer(0), ignore);
    expect(sink.verdict()).toMatchObject({ verdict: 'accept', code: 0, offset: 0 });
    for (const bytes of written) sink.write(bytes);
    sink.end(CONTENT.length, sha256(CONTENT));
    expect(sink.receipt()).toMatchObject({ code });
    expect(store.published.get('0')?.bytes).toEqual(code === TRANSFER_CODE.ok ? CONTENT : undefined);
  });

  test('aborted before it was published', () => {
    const delay = new Delay(1);
    const store = new MemoryStore(createDigest, { delay });
    const sink = store.open(offer(0), ignore);
    sink.write(CONTENT);
    sink.end(CONTENT.length, sha256(CONTENT));
    sink.abort();
    delay.advance();
    expect(sink.receipt()).toBeUndefined();
    expect(store.published.size).toBe(0);
  });
});

test('a published name is refused, and one published meanwhile is not replaced', () => {
  const store = new MemoryStore(createDigest);
  const [first, second] = [store.open(offer(0), ignore), store.open(offer(0), ignore)];
  for (const sink of [first, second]) {
    sink.write(CONTENT);
    sink.end(CONTENT.length, sha256(CONTENT));
  }
  expect(first.receipt()).toMatchObject({ code: TRANSFER_CODE.ok });
  expect(second.receipt()).toMatchObject({ code: TRANSFER_CODE.exists });
  expect(store.open(offer(0), ignore).verdict()).toMatchObject({ verdict: 'refuse', code: TRANSFER_CODE.exists });
});

test('what is kept is a copy: the bytes of a write may change once they are taken', () => {
  const store = new MemoryStore(createDigest);
  const sink = store.open(offer(0), ignore);
  const bytes = CONTENT.slice();
  sink.write(bytes);
  expect(sink.taken()).toBe(CONTENT.length);
  bytes.fill(0);
  sink.end(CONTENT.length, sha256(CONTENT));
  expect(store.published.get('0')?.bytes).toEqual(CONTENT);
});

test('with a delay every answer comes as many steps later, with a wake for each', () => {
  const delay = new Delay(2);
  let wakes = 0;
  const store = new MemoryStore(createDigest, { delay });
  const sink = store.open(offer(0), () => void wakes++);
  const steps = [];
  for (let step = 0; step < 7; step++) {
    if (step === 2) sink.write(CONTENT);
    if (step === 4) sink.end(CONTENT.length, sha256(CONTENT));
    steps.push([sink.verdict()?.verdict, sink.taken(), sink.receipt()?.code, store.published.size, wakes]);
    delay.advance();
  }
  expect(steps).toEqual([
    [undefined, 0, undefined, 0, 0],
    [undefined, 0, undefined, 0, 0],
    ['accept', 0, undefined, 0, 1],
    ['accept', 0, undefined, 0, 1],
    ['accept', 100, undefined, 0, 2],
    ['accept', 100, undefined, 0, 2],
    ['refuse', 100, 0, 1, 3],
  ]);
});

test('nameOf() keeps every byte', () => {
  expect(nameOf([utf8('a'), Uint8Array.of(0, 0xff)])).toBe('a/\u0000\u00ff');
});
