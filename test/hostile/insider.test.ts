import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { formatKey } from '../../src/crypto/key-text.ts';
import { CLOSE_CODE } from '../../src/wire/close-codes.ts';
import type { Frame } from '../../src/wire/frames.ts';
import { MAX_PACKET_NUMBER } from '../../src/wire/limits.ts';
import { sha256 } from '../e2e/processes.ts';
import { utf8 } from '../transfer/bytes.ts';
import { encodeMessage, type SentMessage } from '../transfer/codec.ts';
import { abort, CONTENT, content, done, end, offer } from '../transfer/phrases.ts';
import { Insider } from './insider.ts';
import { type Served, startReceiver } from './served.ts';
import { Stranger } from './stranger.ts';

// What somebody with the right key says to a real receiver in bad faith, and what must come of it.

const KEY = formatKey('shared', new Uint8Array(32).fill(5));
const PING: Frame = { kind: 'ping' };
const { protocol: PROTOCOL, transfer: TRANSFER } = CLOSE_CODE;
const MEBIBYTE = 2 ** 20;

let served: Served;
let inPeace: number;
beforeAll(async () => {
  served = await startReceiver(['--max-files', '1000'], '', KEY);
  inPeace = memory();
});
afterAll(() => served.stop());

/** Resident memory of the receiver's process, where the system tells. */
function memory(): number {
  if (process.platform !== 'linux') return 0;
  const [, kibibytes] = /^VmRSS:\s+(\d+) kB/m.exec(readFileSync(`/proc/${served.pid}/status`, 'utf8')) ?? [];
  return Number(kibibytes) * 1024;
}

/** Lets an insider act in a session of its own, and checks what always holds; `files` are those that may be there. */
async function meet<T>(act: (insider: Insider) => Promise<T> | T, files: readonly string[] = []): Promise<T> {
  const insider = await Insider.meet(served.port, KEY);
  const answer = await act(insider);
  await insider.settle();
  insider.say(insider.line.packet({ kind: 'close', code: CLOSE_CODE.cancelled, reason: new Uint8Array(0) }));
  await insider.settle();
  insider.close();
  await served.settled();
  expect(served.isRunning()).toBe(true);
  expect(readdirSync(served.out).sort()).toEqual([...files].sort());
  expect(memory() - inPeace).toBeLessThan(96 * MEBIBYTE);
  return answer;
}

/** The session lives: what is said now is acknowledged. */
async function isAlive(insider: Insider): Promise<void> {
  const number = insider.line.packetNumber;
  insider.sayFrames(PING);
  await insider.hears(({ frames }) => frames.some((frame) => frame.kind === 'ack' && frame.largest >= number));
}

const count = (insider: Insider, kind: Frame['kind']): number =>
  insider.line.heard.reduce((sum, { frames }) => sum + frames.filter((frame) => frame.kind === kind).length, 0);

const ack = (largest: number, more: Partial<Extract<Frame, { kind: 'ack' }>> = {}): Frame => ({
  kind: 'ack',
  largest,
  ackDelay: 0,
  cumulative: 0,
  ranges: [{ start: largest, end: largest + 1 }],
  ...more,
});

describe('packets that only the peer can have sealed, and that break the protocol, end the session', () => {
  const bytes = (...list: readonly number[]): Uint8Array => Uint8Array.from(list);
  const ofStream = (offset: number): Uint8Array => {
    const frame = new Uint8Array(13);
    frame[0] = 0x03;
    new DataView(frame.buffer).setBigUint64(2, BigInt(offset));
    return frame;
  };

  test.each<[string, (insider: Insider) => Uint8Array]>([
    ['a frame of no known type', ({ line }) => line.raw(bytes(0x7f, 0))],
    ['a frame that is cut off', ({ line }) => line.raw(bytes(0x02, 0))],
    ['DATA that runs past its packet', ({ line }) => line.raw(bytes(...ofStream(0).subarray(0, 10), 0xff, 0xff, 1))],
    ['DATA of length 0 without FIN', ({ line }) => line.raw(bytes(...ofStream(0).subarray(0, 10), 0, 0))],
    ['DATA with every bit set', ({ line }) => line.raw(new Uint8Array(60).fill(0xff).fill(0x03, 0, 1))],
    ['two DATA frames', ({ line }) => line.packet(line.data(bytes(1)), line.data(bytes(2)))],
    ['DATA beyond the credit', ({ line }) => line.packet(line.data(bytes(1), 2 ** 40))],
    ['CREDIT beyond 2^53', ({ line }) => line.raw(bytes(0x04, 255, 255, 255, 255, 255, 255, 255, 255))],
    ['an ACK of what was never sent', ({ line }) => line.packet(ack(2 ** 47))],
    ['an ACK without ranges', ({ line }) => line.packet(ack(line.packetNumber, { ranges: [] }))],
    ['an ACK that runs below 0', ({ line }) => line.packet(ack(1, { ranges: [{ start: -5, end: 2 }] }))],
    ['a CLOSE whose reason runs past its packet', ({ line }) => line.raw(bytes(0x07, 0, 0, 255, 255, 1))],
    ['a second end of the stream', ({ line }) => line.packet(line.data(bytes(1), 40, true))],
  ])('%s', async (what, make) => {
    const code = await meet(async (insider) => {
      if (what.startsWith('a second')) insider.sayFrames(insider.line.data(bytes(1), 60, true));
      insider.say(make(insider));
      return insider.isClosed();
    });
    expect(code).toBe(PROTOCOL);
  });

  test('an ACK of bytes that were never sent', async () => {
    const code = await meet(async (insider) => {
      insider.sayFrames(PING);
      const { number } = await insider.hears(() => true);
      insider.sayFrames(ack(number, { cumulative: 2 ** 30 }));
      return insider.isClosed();
    });
    expect(code).toBe(PROTOCOL);
  });
});

describe('messages out of place end the transfer, and leave no file', () => {
  const short = CONTENT.subarray(0, 50);
  test.each<[string, readonly SentMessage[]]>([
    ['the same entry offered twice', [offer(0), { ...offer(0), path: [utf8('other')] }]],
    ['the same entry offered twice, with another size', [offer(0), offer(0, 7)]],
    ['an entry left out', [offer(1)]],
    ['content of nothing', [content(0)]],
    ['an end of nothing', [end(0)]],
    ['an abort of nothing', [abort(0)]],
    ['more entries than were offered', [done(2)]],
    ['a verdict', [{ kind: 'verdict', entry: 0, verdict: 'accept', code: 0, offset: 0, text: utf8('') }]],
    ['a receipt', [{ kind: 'receipt', entry: 0, code: 0, size: 0, digest: new Uint8Array(32), text: utf8('') }]],
  ])('%s', async (_, messages) => {
    const code = await meet((insider) => {
      insider.tell(...messages);
      return insider.isClosed();
    });
    expect(code).toBe(TRANSFER);
  });

  test.each<[string, readonly SentMessage[]]>([
    ['content beyond what was offered', [content(0, 0, new Uint8Array(101))]],
    ['content at the size that was offered', [content(0), content(0, 100, new Uint8Array(1))]],
    ['content that leaves a hole', [content(0, 50, short)]],
    ['content again', [content(0, 0, short), content(0, 0, short)]],
    ['content beyond 2^53', [content(0, Number.MAX_SAFE_INTEGER - 10, short)]],
    ['content of another entry', [content(1)]],
    ['an end before the content', [content(0, 0, short), end(0)]],
    ['an end at another size', [content(0), { ...end(0), size: 99 }]],
    [
      'an end twice',
      [content(0), { ...end(0), digest: new Uint8Array(32) }, { ...end(0), digest: new Uint8Array(32) }],
    ],
    ['nothing more after it was accepted', [done(1)]],
  ])('%s', async (_, messages) => {
    const code = await meet(async (insider) => {
      insider.tell(offer(0));
      await insider.isTold('verdict');
      insider.tell(...messages);
      return insider.isClosed();
    });
    expect(code).toBe(TRANSFER);
  });

  test('an end with another digest is answered so, and the session goes on', async () => {
    const receipt = await meet(async (insider) => {
      insider.tell(offer(0));
      await insider.isTold('verdict');
      insider.tell(content(0), { ...end(0), digest: new Uint8Array(32) });
      const answer = await insider.isTold('receipt');
      await isAlive(insider);
      return answer;
    });
    expect(receipt).toMatchObject({ code: 5 });
  });

  test('all content and then silence: the part is gone with the session', async () => {
    const insider = await Insider.meet(served.port, KEY, { idleTimeout: 1000 });
    insider.tell(offer(0));
    await insider.isTold('verdict');
    insider.tell(content(0));
    await insider.settle();
    insider.close();
    await served.settled();
    expect(readdirSync(served.out)).toEqual([]);
  });
});

test('of overlapping bytes those that came first count, and a digest is of what is stored', async () => {
  await meet(
    async (insider) => {
      const { line } = insider;
      const first = encodeMessage(offer(0)).length;
      insider.tell(offer(0));
      await insider.isTold('verdict');
      const rest = [content(0), end(0), done(1)].map(encodeMessage);
      const stream = Uint8Array.from(rest.flatMap((message) => [...message]));
      const other = stream.map((byte) => byte ^ 0xff);
      // The second half first, then pieces that overlap, with other bytes where there are some already.
      insider.sayFrames(line.data(stream.subarray(60), first + 60, true));
      insider.sayFrames(line.data(stream.subarray(0, 80), first));
      insider.sayFrames(line.data(other.subarray(20, 100), first + 20));
      insider.sayFrames(line.data(other, first, true));
      expect(await insider.isTold('receipt')).toMatchObject({ code: 0 });
    },
    ['0'],
  );
  expect(readFileSync(join(served.out, '0'))).toEqual(Buffer.from(CONTENT));
  expect(sha256(join(served.out, '0'))).toBe(Buffer.from(end(0).digest).toString('hex'));
});

describe('what is borne', () => {
  const files = ['0'];

  test('packet numbers up to the last one', async () => {
    await meet(async (insider) => {
      for (const number of [2 ** 31, 2 ** 47, MAX_PACKET_NUMBER - 2]) {
        insider.line.packetNumber = number;
        await isAlive(insider);
      }
      insider.line.packetNumber = MAX_PACKET_NUMBER;
      await isAlive(insider);
    }, files);
  });

  test('a packet without any frame: too short to be one', async () => {
    await meet(async (insider) => {
      await isAlive(insider);
      const before = insider.line.heard.length;
      for (let i = 0; i < 100; i++) insider.say(insider.line.raw(new Uint8Array(0)));
      await insider.settle();
      expect(insider.line.heard.length).toBe(before);
      await isAlive(insider);
    }, files);
  });

  test('an ACK that took more than an hour, and credit that shrinks', async () => {
    await meet(async (insider) => {
      insider.sayFrames(PING);
      const { number } = await insider.hears(() => true);
      insider.sayFrames(ack(number, { ackDelay: 4_000_000 }), { kind: 'credit', maximum: 0 });
      await isAlive(insider);
    }, files);
  });

  test('five thousand ACKs, none of which is acknowledged', async () => {
    await meet(async (insider) => {
      insider.sayFrames(PING);
      const { number } = await insider.hears(() => true);
      const before = count(insider, 'ack');
      for (let i = 0; i < 5_000; i++) {
        insider.sayFrames(ack(number));
        if (i % 100 === 0) await new Promise(setImmediate);
      }
      await insider.settle();
      expect(count(insider, 'ack') - before).toBeLessThanOrEqual(1);
      await isAlive(insider);
    }, files);
  });

  test('a byte at every second offset, ten thousand times', async () => {
    await meet(async (insider) => {
      for (let i = 0; i < 10_000; i++) {
        insider.sayFrames(insider.line.data(new Uint8Array(1), 2 * i + 1));
        if (i % 100 === 0) await new Promise(setImmediate);
      }
      await insider.settle();
      await isAlive(insider);
    }, files);
  });

  test('five thousand packets that do not open, with the key phase of other keys among them', async () => {
    await meet(async (insider) => {
      const whole = insider.line.packet(PING);
      await insider.settle();
      for (let i = 0; i < 5_000; i++) {
        const forged = whole.slice();
        const at = i % 3 === 0 ? 0 : whole.length - 1;
        forged[at] = (forged[at] as number) ^ 1;
        insider.say(forged);
        if (i % 100 === 0) await new Promise(setImmediate);
      }
      await insider.settle();
      expect(count(insider, 'ack')).toBe(0);
      await isAlive(insider);
    }, files);
  });
});

describe('another address', () => {
  /** Who stands elsewhere, and how many bytes came to them. */
  async function withThief(act: (insider: Insider, thief: Stranger) => Promise<number>): Promise<void> {
    const thief = await Stranger.meet(served.port);
    await meet(
      async (insider) => {
        await isAlive(insider);
        const said = await act(insider, thief);
        const got = (await thief.look()).reduce((sum, { size }) => sum + size, 0);
        expect(got).toBeLessThanOrEqual(3 * said);
        await isAlive(insider); // to where it was
      },
      ['0'],
    );
    thief.close();
  }

  test('that sends the newest packet first is challenged with at most three times its bytes', () =>
    withThief(async ({ line }, thief) => {
      const copy = line.packet(PING);
      thief.say(copy);
      await thief.look();
      return copy.length;
    }));

  test('that sends an older packet hears nothing', () =>
    withThief(async (insider, thief) => {
      const older = insider.line.packet(PING);
      await isAlive(insider);
      thief.say(older);
      return 0;
    }));

  test('that takes turns with the first a thousand times hears three times its bytes at most', () =>
    withThief(async (insider, thief) => {
      let said = 0;
      for (let i = 0; i < 1000; i++) {
        const packet = insider.line.packet(PING);
        if (i % 2 === 0) insider.say(packet);
        else {
          thief.say(packet);
          said += packet.length;
        }
        if (i % 100 === 0) await new Promise(setImmediate);
      }
      return said;
    }));
});

describe('after the end', () => {
  test('five thousand packets to one that closed get a few CLOSEs', async () => {
    await meet(
      async (insider) => {
        insider.say(insider.line.raw(new Uint8Array([0x7f])));
        await insider.isClosed();
        for (let i = 0; i < 5_000; i++) {
          insider.sayFrames(PING);
          if (i % 100 === 0) await new Promise(setImmediate);
        }
        await insider.settle();
        expect(count(insider, 'close')).toBeLessThan(40); // copies, and one for every 2^n packets
      },
      ['0'],
    );
  });

  test('five thousand packets after a CLOSE get nothing', async () => {
    await meet(
      async (insider) => {
        await isAlive(insider);
        insider.sayFrames({ kind: 'close', code: 0, reason: new Uint8Array(0) });
        await insider.settle();
        const before = insider.line.heard.length;
        for (let i = 0; i < 5_000; i++) {
          insider.sayFrames(PING);
          if (i % 100 === 0) await new Promise(setImmediate);
        }
        await insider.settle();
        expect(insider.line.heard.length).toBe(before);
      },
      ['0'],
    );
  });

  test('a reason with controls is on the screen without them, and no longer than a line', async () => {
    await meet(
      (insider) => {
        const evil = new Uint8Array(1000).fill(0x1b);
        evil.set(utf8('evil \u202e\r\n\x07'));
        insider.sayFrames({ kind: 'close', code: 3, reason: evil.subarray(0, 255) });
      },
      ['0'],
    );
    expect(served.words()).toMatch(/evil \\u\{202e\}\\u\{d\}\\u\{a\}\\u\{7\}/);
    expect(served.words()).not.toMatch(/\p{Cc}(?<!\n)/u);
  });
});

test('after all of it a transfer works', async () => {
  expect(await served.send('file', 'content')).toMatchObject({ code: 0 });
  expect(readFileSync(join(served.out, 'file'), 'utf8')).toBe('content');
  expect(served.words()).not.toMatch(/defect|at .*\.js:\d/);
});
