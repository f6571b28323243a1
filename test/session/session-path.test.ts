import { describe, expect, test } from 'vitest';
import type { Frame } from '../../src/wire/frames.ts';
import { ADDRESSES, Pair, type Seen, see } from './pair.ts';

const PING: Frame = { kind: 'ping' };
const OTHER_PORT = '10.0.0.1:6000';
const OTHER_HOST = '10.9.9.9:5000';

const challenges = (pair: Pair): Seen[] =>
  pair.sent('acceptor').filter(({ frames }) => frames.some(({ kind }) => kind === 'path-challenge'));
const bytesTo = (pair: Pair, address: string): number =>
  pair.sent('acceptor').reduce((sum, { to, size }) => sum + (to === address ? size : 0), 0);

/** A pair in the middle of a transfer from the initiator. */
function busy(): Pair {
  const pair = new Pair().warm();
  pair.write('initiator', 300_000);
  pair.run(240);
  return pair;
}

describe('an initiator whose address changes', () => {
  test.each([OTHER_PORT, OTHER_HOST])('to %s is followed and challenged there, and goes on', (address) => {
    const pair = busy();
    pair.rebind(ADDRESSES.initiator, address);
    pair.initiator.finish();
    pair.runUntil(() => pair.initiator.writeFinished, 3000);
    expect(pair.received('acceptor')).toBe(300_000);
    expect(pair.acceptor.peer).toBe(address);
    expect(challenges(pair).map(({ to }) => to)).toEqual([address]);
  });

  test('to another host: delay and congestion of the old path are forgotten', () => {
    const pair = new Pair().warm();
    pair.write('acceptor', 1_000_000);
    pair.run(500);
    const before = pair.acceptor.cwnd;
    pair.rebind(ADDRESSES.initiator, OTHER_HOST);
    pair.forge('acceptor', 5_000_000, [PING], OTHER_HOST);
    expect(before).toBeGreaterThan(50_000);
    expect(pair.acceptor.cwnd).toBe(64 * 1200);
    expect(pair.acceptor.rtt.latest).toBeUndefined();
  });

  test('to another port: they stay, it is the same path', () => {
    const pair = new Pair().warm();
    pair.write('acceptor', 1_000_000);
    pair.run(500);
    const { cwnd } = pair.acceptor;
    pair.rebind(ADDRESSES.initiator, OTHER_PORT);
    pair.forge('acceptor', 5_000_000, [PING], OTHER_PORT);
    expect(pair.acceptor.cwnd).toBe(cwnd);
    expect(pair.acceptor.rtt.latest).toBe(100);
  });

  test('while it is silent and the acceptor has much to say: one small packet is enough to be found again', () => {
    const pair = new Pair().warm();
    pair.rebind(ADDRESSES.initiator, OTHER_PORT);
    pair.write('acceptor', 100_000);
    pair.acceptor.finish();
    // Everything goes to the old address until the initiator asks whether the acceptor is still there.
    pair.runUntil(() => pair.acceptor.writeFinished, 25_000);
    expect(pair.received('initiator')).toBe(100_000);
    expect(pair.acceptor.peer).toBe(OTHER_PORT);
  });

  test('a much longer path has time to answer the challenge', () => {
    const pair = new Pair().warm();
    for (let i = 0; i < 50; i++) pair.acceptor.rtt.sample(5, 0);
    pair.rebind(ADDRESSES.initiator, OTHER_HOST);
    pair.delay = 300;
    pair.write('initiator', 100_000).run(1000);
    expect(pair.acceptor.peer).toBe(OTHER_HOST);
    expect(challenges(pair)).toHaveLength(1);
  });

  test('a challenge that was lost is sent again', () => {
    const pair = busy();
    let lost = 0;
    pair.loses = ({ to }) => to === OTHER_PORT && lost++ < 3;
    pair.rebind(ADDRESSES.initiator, OTHER_PORT);
    pair.initiator.finish();
    pair.runUntil(() => pair.initiator.writeFinished, 5000);
    pair.write('acceptor', 100).run(5000);
    expect(pair.acceptor.peer).toBe(OTHER_PORT);
    expect(pair.received('initiator')).toBe(100);
  });
});

test('a response that was lost is sent again, before the acceptor gives up', () => {
  const pair = busy();
  const isResponse = ({ frames }: Seen): boolean => frames.some(({ kind }) => kind === 'path-response');
  let lost = 0;
  pair.loses = (datagram) => isResponse(see(datagram)) && lost++ === 0;
  pair.rebind(ADDRESSES.initiator, OTHER_PORT);
  pair.initiator.finish();
  pair.runUntil(() => pair.initiator.writeFinished, 5000);
  pair.run(1000);
  expect(pair.sent('initiator').filter(isResponse)).toHaveLength(2);
  expect(challenges(pair)).toHaveLength(1);
});

describe('a copy of a packet that comes first from an address that does not answer', () => {
  /** The acceptor is sending much when a small packet of the initiator, an ACK, is copied. */
  const attacked = (): { pair: Pair; size: number } => {
    const pair = new Pair().warm();
    pair.write('acceptor', 400_000).run(320);
    pair.log.length = 0;
    return { pair, size: pair.race('initiator', OTHER_HOST) };
  };

  test('gets one challenge, within three times its size', () => {
    const { pair, size } = attacked();
    pair.run(10_000);
    expect(challenges(pair).map(({ to }) => to)).toEqual([OTHER_HOST]);
    expect(bytesTo(pair, OTHER_HOST)).toBeLessThanOrEqual(3 * size);
  });

  test('a large one gets at most three times its size too, challenge and data', () => {
    const pair = new Pair().warm();
    pair.write('initiator', 1157).settle();
    const size = pair.race('initiator', OTHER_HOST);
    pair.write('acceptor', 50_000).run(10_000);
    expect(size).toBeGreaterThan(1100);
    expect(bytesTo(pair, OTHER_HOST)).toBeGreaterThan(2 * size);
    expect(bytesTo(pair, OTHER_HOST)).toBeLessThanOrEqual(3 * size);
  });

  test('leads back to the true address, and nothing is lost', () => {
    const { pair } = attacked();
    expect(pair.acceptor.peer).toBe(OTHER_HOST);
    pair.acceptor.finish();
    pair.runUntil(() => pair.acceptor.writeFinished, 20_000);
    expect(pair.acceptor.peer).toBe(ADDRESSES.initiator);
    expect(pair.received('initiator')).toBe(400_000);
  });

  test('leads back when the challenge was not answered for three probe timeouts, if nobody speaks', () => {
    const pair = new Pair().warm();
    pair.write('initiator', 100).settle();
    pair.race('initiator', OTHER_HOST);
    pair.transit = [];
    pair.loses = () => true;
    pair.run(3 * (999 + 25) - 1);
    expect(pair.acceptor.peer).toBe(OTHER_HOST);
    pair.run(2);
    expect(pair.acceptor.peer).toBe(ADDRESSES.initiator);
  });

  test('leads back at once when the true one speaks, without another challenge', () => {
    const { pair } = attacked();
    pair.write('initiator', 1).run(60);
    expect(pair.acceptor.peer).toBe(ADDRESSES.initiator);
    expect(challenges(pair).map(({ to }) => to)).toEqual([OTHER_HOST]);
  });

  test('is told of the end within its budget too', () => {
    const { pair, size } = attacked();
    pair.acceptor.close(pair.now, 1, new Uint8Array(255).fill(97));
    pair.run(5000);
    expect(bytesTo(pair, OTHER_HOST)).toBeLessThanOrEqual(3 * size);
  });
});

describe('packets from elsewhere', () => {
  test.each([
    { name: 'with a number that is not the newest', number: 4_999_999 },
    { name: 'that are copies of the newest', number: 5_000_000 },
  ])('$name move nothing', ({ number }) => {
    const pair = new Pair().warm().alone('acceptor');
    pair.forge('acceptor', 5_000_000, [PING]);
    pair.forge('acceptor', number, [PING], OTHER_HOST);
    expect(pair.acceptor.peer).toBe(ADDRESSES.initiator);
  });

  test('from two addresses in turn get no more than three times what they sent', () => {
    const pair = new Pair().warm();
    pair.write('acceptor', 100_000).settle();
    pair.loses = () => true;
    for (let i = 0; i < 1000; i++) pair.forge('acceptor', 5_000_000 + i, [PING], i % 2 === 0 ? OTHER_HOST : OTHER_PORT);
    pair.run(5000);
    expect(bytesTo(pair, OTHER_HOST)).toBeLessThanOrEqual(500 * 60);
    expect(bytesTo(pair, OTHER_PORT)).toBeLessThanOrEqual(500 * 60);
    expect(pair.acceptor.peer).toBe(ADDRESSES.initiator);
  });

  test('that lead nowhere leave nothing behind: no empty packet follows the challenge', () => {
    const pair = new Pair().warm();
    pair.loses = () => true;
    pair.forge('acceptor', 5_000_000, [PING], OTHER_HOST).run(5000);
    expect(pair.sent('acceptor').length).toBeGreaterThan(0);
    for (const { frames } of pair.sent('acceptor')) expect(frames).not.toEqual([]);
  });
});

test('a challenge that was given up is not sent to the address gone back to', () => {
  const pair = new Pair({ arq: 'stop-and-wait' }).warm().alone('acceptor'); // its timeout declares the challenge lost
  pair.forge('acceptor', 5_000_000, [PING], OTHER_HOST);
  pair.run(1500).run(10_000);
  expect(pair.acceptor.peer).toBe(ADDRESSES.initiator);
  expect(challenges(pair).map(({ to }) => to)).toEqual([OTHER_HOST]);
});

test('an acceptor whose address changes is not followed', () => {
  const pair = new Pair().warm();
  pair.forge('initiator', 5_000_000, [PING], '10.0.0.2:9999');
  expect(pair.initiator.peer).toBe(ADDRESSES.acceptor);
});

test('a challenge is answered with its token, whoever asks', () => {
  const pair = new Pair().warm();
  const token = Uint8Array.of(1, 2, 3, 4, 5, 6, 7, 8);
  pair.forge('initiator', 5_000_000, [{ kind: 'path-challenge', token }]);
  expect(pair.sent('initiator').at(-1)?.frames).toContainEqual({ kind: 'path-response', token });
});

test('a response to no challenge, or with another token, proves nothing', () => {
  const pair = new Pair().warm();
  pair.forge('acceptor', 5_000_000, [PING], OTHER_HOST);
  pair.forge('acceptor', 5_000_001, [{ kind: 'path-response', token: new Uint8Array(8) }], OTHER_HOST);
  pair.run(20_000);
  expect(pair.acceptor.peer).toBe(ADDRESSES.initiator);
});
