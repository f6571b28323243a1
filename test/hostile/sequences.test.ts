import { readdirSync, readFileSync } from 'node:fs';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { CLOSE_CODE } from '../../src/wire/close-codes.ts';
import { crc32c } from '../../src/wire/crc32c.ts';
import type { Frame } from '../../src/wire/frames.ts';
import { until } from '../e2e/processes.ts';
import { content, done, end, offer } from '../transfer/phrases.ts';
import { codecPacket } from '../wire/codec.ts';
import { type Served, startReceiver } from './served.ts';
import { type Reply, Stranger } from './stranger.ts';

// What strangers and senders of bad faith say to a real receiver, and what must come of it.

const PING: Frame = { kind: 'ping' };
const FRAMES_AT = 15;
const ID = { hi: 1, lo: 2 };
const MEBIBYTE = 2 ** 20;

let served: Served;
let inPeace: number;
beforeAll(async () => {
  served = await startReceiver();
  inPeace = memory();
});
afterAll(() => served.stop());

/** Resident memory of the receiver's process, where the system tells. */
function memory(): number {
  if (process.platform !== 'linux') return 0;
  const [, kibibytes] = /^VmRSS:\s+(\d+) kB/m.exec(readFileSync(`/proc/${served.pid}/status`, 'utf8')) ?? [];
  return Number(kibibytes) * 1024;
}

/** Lets a stranger act, waits until the receiver has looked at all of it, and checks what always holds. */
async function meet(act: (stranger: Stranger) => Promise<void> | void): Promise<Reply[]> {
  const stranger = await Stranger.meet(served.port);
  await act(stranger);
  const replies = await stranger.look();
  stranger.close();
  expect(served.isRunning()).toBe(true);
  await until(() => readdirSync(served.out).length === 0); // what was begun is removed when the disk is asked, not before the answer
  expect(memory() - inPeace).toBeLessThan(64 * MEBIBYTE);
  return replies;
}

const kinds = (replies: readonly Reply[]): string[] => replies.map(({ kind }) => kind);
const frameKinds = (replies: readonly Reply[]): string[] =>
  replies.flatMap(({ frames }) => frames.map(({ kind }) => kind));
const closeCodes = (replies: readonly Reply[]): Set<number> =>
  new Set(replies.flatMap(({ frames }) => frames.flatMap((frame) => (frame.kind === 'close' ? [frame.code] : []))));

describe('what is dropped without a word', () => {
  const cookie = new Uint8Array(24).fill(1);
  test.each<[string, (stranger: Stranger) => Promise<void> | void]>([
    ['ten thousand empty datagrams', (one) => one.say(new Uint8Array(0), 10_000)],
    [
      'fewer bytes than any header',
      (one) => {
        for (let length = 1; length < 16; length++)
          for (const type of [1, 2, 3, 4, 5, 0x40, 0x41, 0xff]) one.say(new Uint8Array(length).fill(type));
      },
    ],
    [
      'the largest datagram, of noise',
      (one) =>
        one.say(
          Uint8Array.from({ length: 65_507 }, (_, i) => 31 * i),
          20,
        ),
    ],
    ['the largest datagram, like a HELLO', (one) => one.say(new Uint8Array(65_507).fill(1), 20)],
    ['a HELLO of 1199 bytes', (one) => one.say(one.hello().subarray(0, 1199))],
    ['a HELLO whose checksum is wrong', (one) => one.say(one.hello().map((byte, i) => (i === 500 ? 1 : byte)))],
    ['a COOKIE', (one) => one.say(codecPacket('cookie', { initiatorId: ID, cookie }), 100)],
    ['a VERSION', (one) => one.say(codecPacket('version', { initiatorId: ID, versions: [2] }), 100)],
    ['a REFUSE', (one) => one.say(codecPacket('refuse', { initiatorId: ID, reason: 5 }), 100)],
    ['its own ACCEPT', async (one) => one.say(codecPacket('accept', { ...(await one.open()), initiatorId: ID }), 100)],
    ['packets of no session', (one) => one.say(one.packet({ acceptorId: ID } as never, [PING]), 1000)],
  ])('%s', async (_, act) => {
    expect(kinds(await meet(act)).filter((kind) => kind !== 'cookie' && kind !== 'accept')).toEqual([]);
  });
});

describe('HELLOs', () => {
  test('of other versions get a VERSION, shorter than they are; version 0 gets nothing', async () => {
    const ofVersion = (hello: Uint8Array, version: number): Uint8Array => {
      hello[1] = version;
      new DataView(hello.buffer).setUint32(1196, crc32c(hello, 0, 1196));
      return hello;
    };
    const replies = await meet((one) => {
      for (const version of [0, 2, 255]) one.say(ofVersion(one.hello(), version));
    });
    expect(replies).toMatchObject([
      { kind: 'version', size: 16 },
      { kind: 'version', size: 16 },
    ]);
  });

  test('with a cookie that nobody baked, or that is another’s, get a COOKIE and nothing else', async () => {
    const other = await Stranger.meet(served.port);
    const stolen = await other.cookie({ hi: 9, lo: 9 });
    other.close();
    const replies = await meet((one) => {
      one.say(one.hello({ cookie: new Uint8Array(24).fill(7) }));
      one.say(one.hello({ cookie: stolen, initiatorId: { hi: 9, lo: 9 } }));
    });
    expect(replies).toMatchObject([
      { kind: 'cookie', size: 38 },
      { kind: 'cookie', size: 38 },
    ]);
  });

  test('with a good cookie, a thousand times: one ACCEPT, and a few repetitions', async () => {
    const replies = await meet(async (one) => {
      const initiatorId = { hi: 3, lo: 3 };
      one.say(one.hello({ initiatorId, cookie: await one.cookie(initiatorId) }), 1000);
    });
    const accepts = replies.filter((reply) => reply.kind === 'accept');
    expect(new Set(accepts.map((accept) => accept.kind === 'accept' && accept.acceptorId.lo)).size).toBe(1);
    expect(accepts.length).toBeLessThanOrEqual(10);
  });

  test('with good cookies, a hundred attempts of one host: some sessions, and BUSY', async () => {
    const replies = await meet(async (one) => {
      for (let i = 0; i < 100; i++) {
        const initiatorId = { hi: 4, lo: i };
        one.say(one.hello({ initiatorId, cookie: await one.cookie(initiatorId) }));
      }
    });
    const count = (kind: string): number => replies.filter((reply) => reply.kind === kind).length;
    expect(count('accept')).toBeLessThanOrEqual(32);
    expect(count('refuse')).toBeGreaterThan(50);
    expect(replies.find(({ kind }) => kind === 'refuse')).toMatchObject({ reason: CLOSE_CODE.busy, size: 16 });
  });
});

describe('in a session', () => {
  const PROTOCOL = CLOSE_CODE.protocol;
  const TRANSFER = CLOSE_CODE.transfer;
  const ack = (largest: number): Frame => ({
    kind: 'ack',
    largest,
    ackDelay: 0,
    cumulative: 0,
    ranges: [{ start: largest, end: largest + 1 }],
  });

  test.each<[string, number, (one: Stranger) => Frame[]]>([
    ['an ACK of what was never sent', PROTOCOL, () => [ack(2 ** 47)]],
    ['DATA beyond the credit', PROTOCOL, (one) => [one.data(new Uint8Array(1), 2 ** 40)]],
    ['DATA that ends beyond 2^53', PROTOCOL, (one) => [one.data(new Uint8Array(1), Number.MAX_SAFE_INTEGER - 1)]],
  ])('%s ends it', async (_, code, frames) => {
    const replies = await meet(async (one) => {
      one.say(one.packet(await one.open(), frames(one)));
      await one.hears(({ frames: heard }) => heard.some(({ kind }) => kind === 'close'));
    });
    expect(closeCodes(replies)).toEqual(new Set([code]));
  });

  test.each<[string, (one: Stranger, session: Awaited<ReturnType<Stranger['open']>>) => void]>([
    ['the same entry offered twice', (one, session) => one.tell(session, offer(0), offer(0))],
    ['entries out of order', (one, session) => one.tell(session, offer(1))],
    ['content that was not offered', (one, session) => one.tell(session, content(0))],
    ['DONE with another number of entries', (one, session) => one.tell(session, done(5))],
    [
      'a message of no known type',
      (one, session) => one.say(one.packet(session, [one.data(new Uint8Array(20).fill(99))])),
    ],
    ['a length of 2^32 - 1', (one, session) => one.say(one.packet(session, [one.data(new Uint8Array(20).fill(0xff))]))],
    [
      'a stream that ends in the middle of a message',
      (one, session) => one.say(one.packet(session, [one.data(new Uint8Array([1, 0, 0]), 0, true)])),
    ],
  ])('%s is a broken transfer', async (_, act) => {
    const replies = await meet(async (one) => {
      act(one, await one.open());
      await one.hears(({ frames }) => frames.some(({ kind }) => kind === 'close'));
    });
    expect(closeCodes(replies)).toEqual(new Set([TRANSFER]));
  });

  test.each<[string, (one: Stranger, session: Awaited<ReturnType<Stranger['open']>>) => void]>([
    ['content beyond what was offered', (one, session) => one.tell(session, content(0, 0, new Uint8Array(101)))],
    ['content with a hole', (one, session) => one.tell(session, content(0, 50))],
    ['content of another entry', (one, session) => one.tell(session, content(1))],
    ['an end before the content', (one, session) => one.tell(session, end(0))],
    ['an end at another size', (one, session) => one.tell(session, content(0), { ...end(0), size: 99 })],
  ])('%s leaves no file', async (_, act) => {
    const replies = await meet(async (one) => {
      const session = await one.open();
      one.tell(session, offer(0));
      await one.hears(({ frames }) => frames.some(({ kind }) => kind === 'data')); // the verdict
      act(one, session);
      await one.hears(({ frames }) => frames.some(({ kind }) => kind === 'close'));
      await served.settled();
    });
    expect(closeCodes(replies)).toEqual(new Set([TRANSFER]));
  });

  test('frames that run past their packet, or none at all, are dropped', async () => {
    const replies = await meet(async (one) => {
      const session = await one.open();
      for (const frames of [
        [],
        [0x03, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0xff, 0xff, 1],
        [0x7f],
        [0x02, 1],
        [0x07, 0, 0, 200],
      ]) {
        const whole = one.packet(session, [PING]).slice(0, FRAMES_AT);
        const packet = Uint8Array.from([...whole, ...frames, 0, 0, 0, 0]);
        new DataView(packet.buffer).setUint32(packet.length - 4, crc32c(packet, 0, packet.length - 4));
        one.say(packet);
      }
    });
    expect(frameKinds(replies)).toEqual([]);
  });

  test('a million bytes at every second offset: most are not kept, and it goes on', async () => {
    const replies = await meet(async (one) => {
      const session = await one.open();
      for (let i = 0; i < 20_000; i++) {
        one.say(one.packet(session, [one.data(new Uint8Array(1), 2 * i + 1)]));
        if (i % 100 === 0) await new Promise(setImmediate);
      }
    });
    expect(closeCodes(replies)).toEqual(new Set());
  });

  test('ACKs alone are never acknowledged', async () => {
    const replies = await meet(async (one) => {
      const session = await one.open();
      one.say(one.packet(session, [PING]));
      const first = await one.hears(({ frames }) => frames.some(({ kind }) => kind === 'ack'));
      if (first.kind !== 'protected') throw new Error(first.kind);
      for (let i = 0; i < 1000; i++) one.say(one.packet(session, [ack(first.packetNumber)]));
    });
    expect(frameKinds(replies).filter((kind) => kind === 'ack').length).toBeLessThanOrEqual(2);
  });

  test('packet numbers may jump by 2^47, and credit may shrink', async () => {
    const replies = await meet(async (one) => {
      const session = await one.open();
      one.say(one.packet(session, [PING], 2 ** 47));
      one.say(one.packet(session, [{ kind: 'credit', maximum: 0 }], 2 ** 47 + 1));
      await one.hears(({ frames }) => frames.some((frame) => frame.kind === 'ack' && frame.largest === 2 ** 47 + 1));
    });
    expect(closeCodes(replies)).toEqual(new Set());
  });

  test('a copy from elsewhere that comes first gets challenges, and at most three times its bytes', async () => {
    const thief = await Stranger.meet(served.port);
    await meet(async (one) => {
      const session = await one.open();
      one.say(one.packet(session, [PING]));
      await one.hears(({ frames }) => frames.length > 0);
      const copy = one.packet(session, [PING]);
      thief.say(copy);
      const stolen = await thief.look();
      expect(stolen.reduce((sum, { size }) => sum + size, 0)).toBeLessThanOrEqual(3 * copy.length);
    });
    thief.close();
  });

  test('ten thousand packets after a CLOSE are not answered', async () => {
    const replies = await meet(async (one) => {
      const session = await one.open();
      one.say(one.packet(session, [{ kind: 'close', code: 0, reason: new Uint8Array(0) }]));
      await one.look();
      for (let i = 0; i < 10_000; i++) {
        one.say(one.packet(session, [PING]));
        if (i % 100 === 0) await new Promise(setImmediate);
      }
    });
    expect(replies).toEqual([]);
  });
});

test('after all of it a transfer works, and what the peers said is on the receiver’s screen without a control', async () => {
  expect((await served.send('file', 'content')).code).toBe(0);
  expect(readFileSync(`${served.out}/file`, 'utf8')).toBe('content');
  expect(served.words()).toMatch(/broke the protocol: offer out of order/);
  expect(served.words()).not.toMatch(/\p{Cc}(?<!\n)/u);
});
