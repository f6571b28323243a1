import { describe, expect, test } from 'vitest';
import { TRANSFER_CODE } from '../../src/transfer/codes.ts';
import { Delay } from '../../src/transfer/delay.ts';
import { nameOf, type StoreFault } from '../../src/transfer/memory-sink.ts';
import { MemoryStore } from '../../src/transfer/memory-store.ts';
import { equalBytes } from '../../src/transfer/outcome.ts';
import { createDigest, noise, sha256, utf8 } from './bytes.ts';
import { CONTENT, offer } from './phrases.ts';

const ignore = (): void => {};
const NOTHING = new Uint8Array(0);

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
    written.forEach((bytes, i) => {
      sink.write(bytes, i === 0 ? 0 : (written[0]?.length ?? 0));
    });
    sink.end(CONTENT.length, sha256(CONTENT));
    expect(sink.receipt()).toMatchObject({ code });
    expect(store.published.get('0')?.bytes).toEqual(code === TRANSFER_CODE.ok ? CONTENT : undefined);
  });

  test('aborted before it was published', () => {
    const delay = new Delay(1);
    const store = new MemoryStore(createDigest, { delay });
    const sink = store.open(offer(0), ignore);
    expect(sink.verdict()).toBeUndefined();
    delay.advance();
    expect(sink.verdict()).toMatchObject({ verdict: 'accept' });
    sink.write(CONTENT, 0);
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
  for (const sink of [first, second]) expect(sink.verdict()).toMatchObject({ verdict: 'accept' });
  for (const sink of [first, second]) {
    sink.write(CONTENT, 0);
    sink.end(CONTENT.length, sha256(CONTENT));
  }
  expect(first.receipt()).toMatchObject({ code: TRANSFER_CODE.ok });
  expect(second.receipt()).toMatchObject({ code: TRANSFER_CODE.exists });
  expect(store.open(offer(0, 99), ignore).verdict()).toMatchObject({ verdict: 'refuse', code: TRANSFER_CODE.exists });
});

test('what is kept is a copy: the bytes of a write may change once they are taken', () => {
  const store = new MemoryStore(createDigest);
  const sink = store.open(offer(0), ignore);
  sink.verdict();
  const bytes = CONTENT.slice();
  sink.write(bytes, 0);
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
    if (step === 2) sink.write(CONTENT, 0);
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
    ['accept', 100, 0, 1, 3],
  ]);
});

test('nameOf() keeps every byte', () => {
  expect(nameOf([utf8('a'), Uint8Array.of(0, 0xff)])).toBe('a/\u0000\u00ff');
});

describe('a published file of the same size', () => {
  test.each([
    { name: 'the same', digest: sha256(CONTENT), code: TRANSFER_CODE.ok },
    { name: 'another', digest: sha256(utf8('x')), code: TRANSFER_CODE.exists },
  ])('is compared: $name content gives code $code', ({ digest, code }) => {
    const store = new MemoryStore(createDigest);
    publish(store);
    const sink = store.open(offer(0), ignore);
    expect(sink.verdict()).toMatchObject({ verdict: 'compare', code: 0, offset: 0 });
    sink.end(CONTENT.length, digest);
    expect(sink.receipt()).toMatchObject({ code });
    expect(store.published.get('0')?.bytes).toEqual(CONTENT);
  });
});

function publish(store: MemoryStore): void {
  const sink = store.open(offer(0), ignore);
  sink.verdict();
  sink.write(CONTENT, 0);
  sink.end(CONTENT.length, sha256(CONTENT));
}

describe('what was not finished', () => {
  const MEBIBYTE = 2 ** 20;
  const file = noise(3 * MEBIBYTE + 5);
  const begun = (store: MemoryStore, size: number) => {
    const sink = store.open(offer(0, file.length), ignore);
    sink.verdict();
    sink.write(file.subarray(0, size), 0);
    return sink;
  };

  test.each([
    { size: MEBIBYTE - 1, offset: 0 },
    { size: MEBIBYTE, offset: MEBIBYTE },
    { size: 3 * MEBIBYTE + 4, offset: 3 * MEBIBYTE },
  ])('of $size bytes is resumed from $offset', ({ size, offset }) => {
    const store = new MemoryStore(createDigest);
    begun(store, size).abort();
    const sink = store.open(offer(0, file.length), ignore);
    expect(sink.verdict()).toMatchObject({ verdict: 'accept', offset });
    sink.write(file.subarray(offset), offset);
    sink.end(file.length, sha256(file));
    expect(sink.receipt()).toMatchObject({ code: 0 });
    expect(equalBytes(store.published.get('0')?.bytes ?? NOTHING, file)).toBe(true);
    expect(store.parts.size).toBe(0);
  });

  test('belongs to one sink at a time, and to a shorter file only as far as that goes', () => {
    const store = new MemoryStore(createDigest);
    begun(store, 3 * MEBIBYTE);
    store.crash();
    expect(store.open(offer(0, 2 * MEBIBYTE + 9), ignore).verdict()).toMatchObject({ offset: 2 * MEBIBYTE });
    expect(store.open(offer(0, file.length), ignore).verdict()).toMatchObject({ offset: 0 });
  });

  test('is compared chunk by chunk, and repaired', () => {
    const store = new MemoryStore(createDigest);
    begun(store, file.length).abort();
    const part = store.parts.get('0') ?? NOTHING;
    part[MEBIBYTE + 7] = ~(part[MEBIBYTE + 7] ?? 0);
    const sink = store.open(offer(0, file.length), ignore);
    sink.verdict();
    const chunks = [0, 1, 2].map((i) => file.subarray(i * MEBIBYTE, (i + 1) * MEBIBYTE));
    sink.compare(0, chunks.slice(0, 2).map(sha256));
    sink.compare(2 * MEBIBYTE, chunks.slice(2).map(sha256));
    expect(sink.differing()).toEqual({ offset: 0, isMissing: [false, true] });
    expect(sink.differing()).toEqual({ offset: 2 * MEBIBYTE, isMissing: [false] });
    expect(sink.differing()).toBeUndefined();
    sink.write(file.subarray(3 * MEBIBYTE), 3 * MEBIBYTE);
    sink.write(chunks[1] ?? NOTHING, MEBIBYTE);
    sink.end(file.length, sha256(file));
    expect(sink.receipt()).toMatchObject({ code: 0 });
  });

  test('is not published when it was not repaired', () => {
    const store = new MemoryStore(createDigest);
    begun(store, 3 * MEBIBYTE).abort();
    store.parts.get('0')?.fill(0, 0, 1);
    const sink = store.open(offer(0, file.length), ignore);
    sink.verdict();
    sink.write(file.subarray(3 * MEBIBYTE), 3 * MEBIBYTE);
    sink.end(file.length, sha256(file));
    expect(sink.receipt()).toMatchObject({ code: TRANSFER_CODE.digest });
    expect([store.published.size, store.parts.size]).toEqual([0, 0]);
  });

  test('of a slow disk is what it had taken when its process died', () => {
    const delay = new Delay(1);
    const store = new MemoryStore(createDigest, { delay });
    const sink = store.open(offer(0, file.length), ignore);
    delay.advance();
    sink.verdict();
    sink.write(file.subarray(0, MEBIBYTE), 0);
    delay.advance();
    sink.write(file.subarray(MEBIBYTE), MEBIBYTE);
    store.crash();
    expect(store.parts.get('0')?.length).toBe(MEBIBYTE);
  });
});
