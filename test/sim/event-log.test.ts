import { describe, expect, test } from 'vitest';
import { EventLog, type LogEvent } from '../../src/sim/event-log.ts';

type Entry = readonly [event: LogEvent, now: number, from: string, to: string, datagram: Uint8Array];

const hashOf = (entries: readonly Entry[]): string => {
  const log = new EventLog();
  for (const entry of entries) log.add(...entry);
  return log.hash;
};

const bytes = (length: number, changed = -1): Uint8Array =>
  Uint8Array.from({ length }, (_, i) => (i === changed ? 255 : i % 251));
const BASE: Entry = ['sent', 10, 'a:1', 'b:2', bytes(100)];

describe('EventLog', () => {
  test('equal histories have equal hashes of 16 digits', () => {
    const history: Entry[] = [BASE, ['delivered', 60, 'a:1', 'b:2', bytes(100)]];
    expect(hashOf(history)).toBe(hashOf(history));
    expect(hashOf(history)).toMatch(/^[0-9a-f]{16}$/);
  });

  test.each<{ name: string; entries: Entry[] }>([
    { name: 'nothing', entries: [] },
    { name: 'another event', entries: [['delivered', 10, 'a:1', 'b:2', bytes(100)]] },
    { name: 'another time', entries: [['sent', 10.5, 'a:1', 'b:2', bytes(100)]] },
    { name: 'another sender', entries: [['sent', 10, 'a:9', 'b:2', bytes(100)]] },
    { name: 'another receiver', entries: [['sent', 10, 'a:1', 'b:9', bytes(100)]] },
    { name: 'another length', entries: [['sent', 10, 'a:1', 'b:2', bytes(101)]] },
    { name: 'another head', entries: [['sent', 10, 'a:1', 'b:2', bytes(100, 3)]] },
    { name: 'another checksum', entries: [['sent', 10, 'a:1', 'b:2', bytes(100, 98)]] },
    { name: 'the same twice', entries: [BASE, BASE] },
    { name: 'an empty datagram', entries: [['sent', 10, 'a:1', 'b:2', bytes(0)]] },
  ])('$name changes the hash', ({ entries }) => {
    expect(hashOf(entries)).not.toBe(hashOf([BASE]));
  });

  test('order matters', () => {
    const other: Entry = ['sent', 10, 'b:2', 'a:1', bytes(50)];
    expect(hashOf([BASE, other])).not.toBe(hashOf([other, BASE]));
  });

  test('counts its events', () => {
    const log = new EventLog();
    for (let i = 0; i < 5; i++) log.add(...BASE);
    expect(log.count).toBe(5);
  });
});
