import { expect, test } from 'vitest';
import type { Frame } from '../../src/wire/frames.ts';
import { Door, helloBytes } from './handshake.ts';

const PING: Frame = { kind: 'ping' };
const OTHER = '10.0.0.9:5000';

test('when all places are taken, a host that holds many yields one to a host that holds few, once that has proven its key', () => {
  const door = new Door({}, { pending: 4, pendingPerHost: 3 });
  const greedy = [1, 2, 3].map((port) => door.accept(`10.0.0.1:${port}`));
  door.accept('10.0.0.2:1');
  expect(door.accept('10.0.0.3:1').kind).toBe('accept');
  expect(door.listener.sessionCount).toBe(4);
  door.hearFrames(greedy[0] as (typeof greedy)[0], 0, [PING], '10.0.0.1:1');
  expect(door.listener.pollAccept()).toBeUndefined(); // the oldest of the greediest is gone
  expect(() => door.accept('10.0.0.2:2')).toThrow('refuse'); // would only turn the tables
  door.hearFrames(greedy[1] as (typeof greedy)[0], 0, [PING], '10.0.0.1:2');
  expect(door.listener.pollAccept()?.peer).toBe('10.0.0.1:2');
});

test('a flood with good cookies of thirty hosts does not keep another one out', () => {
  const door = new Door();
  for (let i = 0; i < 600; i++) {
    const from = `10.7.0.${i % 30}:${i}`;
    door.hear(helloBytes({ cookie: door.cookie(from) }), from);
  }
  expect(door.listener.sessionCount).toBe(256);
  for (let i = 0; i < 20; i++) expect(door.accept(`10.8.0.${i}:1`).kind).toBe('accept');
  expect(door.listener.sessionCount).toBe(256);
});

test('while sessions are open a HELLO with a good cookie is looked at, however many without one come', () => {
  const door = new Door();
  door.hearFrames(door.accept(), 0, [PING]);
  const cookie = door.cookie(OTHER);
  let answered = 0;
  for (let i = 0; i < 20_000; i++) {
    const forged = helloBytes({ cookie: i % 2 === 0 ? undefined : new Uint8Array(24).fill(i) });
    answered += door.hear(forged, `10.${i >> 8}.${i & 255}.1:5000`).length;
  }
  expect(answered).toBeLessThan(5000);
  expect(door.hear(helloBytes({ cookie }), OTHER)).toMatchObject([{ kind: 'accept' }]);
});
