import { describe, expect, test } from 'vitest';
import type { Frame } from '../../src/wire/frames.ts';
import { Pair, type Seen } from './pair.ts';

const PING: Frame = { kind: 'ping' };
const FOREVER = 3_600_000;

const isClose = ({ frames }: Seen): boolean => frames.some(({ kind }) => kind === 'close');
const closeTimes = (pair: Pair): number[] =>
  pair
    .sent('initiator')
    .filter(isClose)
    .map(({ at }) => at);

describe('closing', () => {
  test('tells the peer code and reason, and is over at once for both', () => {
    const pair = new Pair().warm();
    pair.initiator.close(pair.now, 3, new TextEncoder().encode('enough'));
    expect(pair.initiator.end).toMatchObject({ by: 'local', code: 3 });
    pair.run(50);
    expect(pair.acceptor.end).toMatchObject({ by: 'peer', code: 3, reason: new TextEncoder().encode('enough') });
  });

  test('the first close counts', () => {
    const pair = new Pair().warm();
    pair.initiator.close(pair.now, 3);
    pair.initiator.close(pair.now, 0);
    expect(pair.initiator.end?.code).toBe(3);
  });

  test('is said three times, 5 ms apart where nothing was lost, and no more when the peer has heard it', () => {
    const pair = new Pair().warm();
    pair.initiator.close(pair.now, 0);
    expect(pair.initiator.farewellSaid).toBe(false);
    pair.run(5000);
    expect(closeTimes(pair)).toEqual([200, 205, 210]);
    expect(pair.initiator.farewellSaid).toBe(true);
  });

  test('a reason longer than 255 bytes is cut', () => {
    const pair = new Pair().warm();
    pair.initiator.close(pair.now, 0, new Uint8Array(70_000).fill(97));
    pair.run(50);
    expect(pair.acceptor.end?.reason).toHaveLength(255);
    for (const { size } of pair.sent('initiator')) expect(size).toBeLessThan(300);
  });

  test('any one copy of three is enough', () => {
    for (const survivor of [0, 1, 2]) {
      const pair = new Pair().warm();
      let copies = 0;
      pair.loses = () => copies++ !== survivor;
      pair.initiator.close(pair.now, 0);
      pair.run(1000);
      expect(pair.acceptor.end?.by).toBe('peer');
    }
  });

  test('a peer that heard it sends nothing any more, whatever comes (RFC 9000 section 10.2.2)', () => {
    const pair = new Pair().warm();
    pair.write('acceptor', 100_000);
    pair.initiator.close(pair.now, 0);
    pair.run(50);
    pair.log.length = 0;
    for (let number = 5_000_000; number < 5_000_100; number++) pair.forge('acceptor', number, [PING]);
    pair.run(FOREVER);
    expect(pair.sent('acceptor')).toEqual([]);
    expect(pair.acceptor.pollTimeout()).toBeUndefined();
    expect(pair.acceptor.isGone(pair.now)).toBe(true);
  });

  test('a peer that did not hear it is answered at its 1st, 2nd, 4th, 8th... packet, with small datagrams', () => {
    const pair = new Pair().warm();
    pair.initiator.close(pair.now, 0);
    pair.loses = () => true;
    pair.run(200);
    const said = pair.sent('initiator').length;
    for (let number = 5_000_000; number < 5_010_000; number++) pair.forge('initiator', number, [PING]);
    const answers = pair.sent('initiator').slice(said);
    expect(answers).toHaveLength(14);
    for (const answer of answers) expect([isClose(answer), answer.size]).toEqual([true, 23]);
  });

  test('two sides that close at the same moment both come to rest', () => {
    const pair = new Pair().warm();
    pair.initiator.close(pair.now, 1);
    pair.acceptor.close(pair.now, 2);
    pair.run(FOREVER);
    expect([pair.initiator.end, pair.acceptor.end]).toMatchObject([
      { by: 'local', code: 1 },
      { by: 'local', code: 2 },
    ]);
    expect([pair.initiator.pollTimeout(), pair.acceptor.pollTimeout()]).toEqual([undefined, undefined]);
  });

  test('lingers for three probe timeouts, then nothing will happen by itself any more', () => {
    const pair = new Pair().warm();
    const linger = 3 * pair.initiator.rtt.pto(25);
    pair.loses = () => true;
    pair.initiator.close(pair.now, 0);
    pair.run(linger - 1);
    expect(pair.initiator.isGone(pair.now)).toBe(false);
    pair.run(1);
    expect(pair.initiator.isGone(pair.now)).toBe(true);
    expect(pair.initiator.pollTimeout()).toBeUndefined(); // or whoever drives it would wake up without end
  });

  test('comes to its end, every copy said, although whoever drives it wakes up a minute late each time', () => {
    const { initiator } = new Pair().warm();
    const out = new Uint8Array(70_000);
    initiator.close(200, 0);
    let copies = 0;
    for (let now = 200; initiator.pollTimeout() !== undefined && copies < 20; now += 60_000) {
      initiator.handleTimeout(now);
      if (initiator.pollTransmit(now, out) > 0) copies++;
    }
    expect(copies).toBe(3);
    expect(initiator.farewellSaid).toBe(true);
  });

  test('takes nothing more: no data in, no data out', () => {
    const pair = new Pair().warm();
    pair.initiator.close(pair.now, 0);
    expect(pair.initiator.writable()).toBe(0);
    pair.initiator.write(new Uint8Array(10));
    pair.forge('initiator', 5_000_000, [{ kind: 'data', offset: 0, bytes: new Uint8Array(9), fin: false }]);
    expect(pair.initiator.read()).toBeUndefined();
    expect(pair.sent('initiator').every(isClose)).toBe(true);
  });

  test('what came before the CLOSE can still be read', () => {
    const pair = new Pair().warm();
    pair.reads.acceptor = false;
    pair.write('initiator', 1000).run(60);
    pair.initiator.close(pair.now, 0);
    pair.run(60);
    expect(pair.acceptor.end?.by).toBe('peer');
    expect(pair.acceptor.read()).toHaveLength(1000);
  });
});
