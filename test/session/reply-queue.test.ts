import { describe, expect, test } from 'vitest';
import { ReplyQueue } from '../../src/session/reply-queue.ts';

describe('ReplyQueue', () => {
  test('gives answers in order, written when they are taken', () => {
    const replies = new ReplyQueue();
    const written: string[] = [];
    for (const to of ['a:1', 'b:2']) {
      replies.push(to, (out) => {
        written.push(to);
        out[0] = 7;
        return 1;
      });
    }
    expect(written).toEqual([]);
    const out = new Uint8Array(10);
    expect(replies.pollTransmit(out)).toEqual({ length: 1, to: 'a:1' });
    expect(written).toEqual(['a:1']);
    expect(out[0]).toBe(7);
    expect(replies.pollTransmit(out)?.to).toBe('b:2');
    expect(replies.pollTransmit(out)).toBeUndefined();
  });

  test('holds at most 256: a flood of HELLOs takes no more memory', () => {
    const replies = new ReplyQueue();
    for (let i = 0; i < 10_000; i++) replies.push(`host:${i}`, () => 1);
    const out = new Uint8Array(1);
    let count = 0;
    while (replies.pollTransmit(out) !== undefined) count++;
    expect(count).toBe(256);
  });
});
