import fc from 'fast-check';
import { afterEach, describe, expect, test, vi } from 'vitest';
import { Session } from '../../src/session/session.ts';
import { CLOSE_CODE } from '../../src/wire/close-codes.ts';
import { crc32c } from '../../src/wire/crc32c.ts';
import type { Frame } from '../../src/wire/frames.ts';
import { codecPacket } from '../wire/codec.ts';
import { CALLER, Door, helloBytes, ID } from './handshake.ts';

const PING: Frame = { kind: 'ping' };
const MIB = 1024 * 1024;
const OTHER = '10.0.0.9:5000';
const kinds = (answers: readonly { kind: string }[]): string[] => answers.map(({ kind }) => kind);

describe('a HELLO without a good cookie gets a COOKIE and leaves no trace', () => {
  test.each<{ name: string; cookie: (door: Door) => Uint8Array | undefined }>([
    { name: 'none', cookie: () => undefined },
    { name: 'a random one', cookie: () => Uint8Array.from({ length: 24 }, (_, i) => 37 * i + 1) },
    { name: 'one for another address', cookie: (door) => door.cookie(OTHER) },
    { name: 'one for another attempt', cookie: (door) => door.cookie(CALLER, { hi: 1, lo: 1 }) },
  ])('$name', ({ cookie }) => {
    const door = new Door();
    const answers = door.hear(helloBytes({ cookie: cookie(door) }));
    expect(answers).toMatchObject([{ kind: 'cookie', initiatorId: ID, to: CALLER, size: 38 }]);
    expect(door.listener.sessionCount).toBe(0);
    expect(door.listener.pollTimeout()).toBeUndefined();
  });

  test.each([
    { age: 30_000, kind: 'accept' },
    { age: 31_000, kind: 'cookie' },
  ])('one that is $age ms old: $kind', ({ age, kind }) => {
    const door = new Door();
    const cookie = door.cookie();
    door.now = age;
    expect(kinds(door.hear(helloBytes({ cookie })))).toEqual([kind]);
  });

  test('ten thousand of them, from as many addresses, cost nothing that lasts', () => {
    const door = new Door();
    for (let i = 0; i < 10_000; i++) door.hear(helloBytes(), `10.1.${i >>> 8}.${i & 255}:5000`);
    expect(door.listener.sessionCount).toBe(0);
  });
});

describe('a HELLO with a good cookie', () => {
  test('gets an ACCEPT with what both can do; the session is handed out when the initiator proves itself', () => {
    const door = new Door({ window: 32, idleTimeout: 5000 });
    const accept = door.accept();
    expect(accept).toMatchObject({ initiatorId: ID, arq: 'selective-repeat', window: 32, idleTimeout: 5000 });
    expect(door.listener.pollAccept()).toBeUndefined();
    door.hearFrames(accept, 0, [PING]);
    const session = door.listener.pollAccept();
    expect(session?.terms.remoteId).toEqual(ID);
    expect(session?.peer).toBe(CALLER);
    expect(door.listener.pollAccept()).toBeUndefined();
  });

  test('a thousand times: one session, the same ACCEPT, three more of it a second', () => {
    const door = new Door();
    const hello = helloBytes({ cookie: door.cookie() });
    const answers = door.hear(hello);
    const counts: number[] = [];
    for (let second = 0; second < 5; second++) {
      let count = 0;
      for (let i = 0; i < 200; i++) {
        door.now = 1000 * second + 5 * i;
        const again = door.hear(hello);
        expect(again.every((answer) => JSON.stringify(answer) === JSON.stringify(answers[0]))).toBe(true);
        count += again.length;
      }
      counts.push(count);
    }
    expect(counts).toEqual([3, 3, 3, 3, 3]);
    expect(door.listener.sessionCount).toBe(1);
  });

  test('what was not asked for in one second is not saved up for the next', () => {
    const door = new Door();
    const hello = helloBytes({ cookie: door.cookie() });
    door.hear(hello);
    door.now = 9000;
    let count = 0;
    for (let i = 0; i < 100; i++) count += door.hear(hello).length;
    expect(count).toBe(3);
  });

  test('and then nothing: the session is freed after a while, and its id means nothing', () => {
    const door = new Door();
    const accept = door.accept();
    const deadline = door.listener.pollTimeout() as number;
    door.now = deadline - 1;
    door.drain();
    expect(door.listener.sessionCount).toBe(1);
    door.now = deadline;
    door.drain();
    expect(door.listener.sessionCount).toBe(0);
    expect(door.hearFrames(accept, 0, [PING])).toEqual([]);
    expect(door.listener.pollAccept()).toBeUndefined();
    expect(door.listener.pollTimeout()).toBeUndefined();
  });

  test.each([0, 999, 1000, 5000, 9999])('repeated %i ms later: the session that its ACCEPT names is there', (later) => {
    const door = new Door({ idleTimeout: 1000 });
    const hello = helloBytes({ cookie: door.cookie() });
    door.hear(hello);
    door.now = later;
    const [accept] = door.hear(hello);
    if (accept?.kind !== 'accept') expect.fail('no ACCEPT');
    door.hearFrames(accept, 0, [PING]);
    const session = door.listener.pollAccept();
    expect(session?.terms.localId).toEqual(accept.acceptorId);
    expect(session?.end).toBeUndefined();
    expect(door.listener.sessionCount).toBe(1);
  });

  test('that comes late, when its session has begun, is not answered and opens no other', () => {
    const door = new Door();
    const hello = helloBytes({ cookie: door.cookie() });
    const [accept] = door.hear(hello);
    if (accept?.kind !== 'accept') expect.fail('no ACCEPT');
    door.hearFrames(accept, 0, [PING]);
    expect(door.hear(hello)).toEqual([]);
    expect(door.listener.sessionCount).toBe(1);
  });

  test('of the same id from another address is another session', () => {
    const door = new Door();
    const ids = [door.accept(CALLER), door.accept(OTHER)].map(({ acceptorId }) => acceptorId.lo);
    expect(new Set(ids).size).toBe(2);
    expect(door.listener.sessionCount).toBe(2);
  });
});

describe('a REFUSE says why', () => {
  const noise = { protection: 'noise', suite: 1, keyAgreement: new Uint8Array(80).fill(1) } as const;

  test.each<{ name: string; reason: number; prepare?: (door: Door) => void; fields?: object }>([
    { name: 'encryption is not spoken here', reason: CLOSE_CODE.protectionRequired, fields: noise },
    { name: 'as many sessions as there may be', reason: CLOSE_CODE.busy, prepare: (door) => begin(door, 3) },
    { name: 'as many unproven ones', reason: CLOSE_CODE.busy, prepare: (door) => begin(door, 2, false) },
    {
      name: 'as many unproven ones of one host, whatever the port',
      reason: CLOSE_CODE.busy,
      prepare: (door) => door.accept('10.0.0.1:4999'),
    },
    {
      name: 'the listener is going away',
      reason: CLOSE_CODE.shuttingDown,
      prepare: (door) => {
        door.listener.isShuttingDown = true;
      },
    },
  ])('$name', ({ reason, prepare, fields }) => {
    const door = new Door({}, { sessions: 3, pending: 2, pendingPerHost: 1 });
    prepare?.(door);
    const before = door.listener.sessionCount;
    const refusals = door.hear(helloBytes({ ...fields, cookie: door.cookie() }));
    expect(refusals).toMatchObject([{ kind: 'refuse', initiatorId: ID, reason, size: 16 }]);
    expect(door.listener.sessionCount).toBe(before);
  });

  test('but only to a proven address', () => {
    const door = new Door();
    door.listener.isShuttingDown = true;
    expect(kinds(door.hear(helloBytes()))).toEqual(['cookie']);
  });

  test('a session that is gone makes room', () => {
    const door = new Door({}, { sessions: 1 });
    const accept = door.accept();
    door.hearFrames(accept, 0, [PING]);
    door.hearFrames(accept, 1, [{ kind: 'close', code: 0, reason: new Uint8Array(0) }]);
    expect(door.listener.sessionCount).toBe(0);
    expect(door.accept(OTHER).kind).toBe('accept');
  });
});

test('the unproven of one host take no room from another, and make room as they prove themselves', () => {
  const door = new Door({}, { pendingPerHost: 2 });
  const accepts = [1, 2].map((port) => door.accept(`10.0.0.1:${port}`));
  expect(() => door.accept('10.0.0.1:3')).toThrow('refuse');
  expect(door.accept('10.0.0.2:1').kind).toBe('accept');
  door.hearFrames(accepts[0] as (typeof accepts)[0], 0, [PING], '10.0.0.1:1');
  expect(door.accept('10.0.0.1:3').kind).toBe('accept');
  expect(() => door.accept('10.0.0.1:4')).toThrow('refuse');
  door.now = 10_000;
  door.hearFrames(accepts[0] as (typeof accepts)[0], 1, [PING], '10.0.0.1:1');
  door.now = 30_000;
  door.drain();
  expect(door.listener.sessionCount).toBe(1);
  expect([5, 6].map((port) => door.accept(`10.0.0.1:${port}`).kind)).toEqual(['accept', 'accept']);
});

test('credit is granted out of one budget: there is always some, and it comes back when sessions go', () => {
  const door = new Door({ creditWindow: 8 * MIB, idleTimeout: 60_000 }, { credit: 32 * MIB });
  const grants = Array.from({ length: 40 }, (_, i) => door.accept(`10.0.1.${i}:5000`).credit);
  expect(grants.slice(0, 2)).toEqual([8 * MIB, 8 * MIB]);
  expect(grants.at(-1)).toBe(MIB);
  door.now = 60_000;
  door.drain();
  expect(door.listener.sessionCount).toBe(0);
  expect(door.accept().credit).toBe(8 * MIB);
});

/** Opens sessions from other addresses, proven or not. */
function begin(door: Door, count: number, isProven = true): void {
  for (let i = 0; i < count; i++) {
    const from = `10.2.0.${i}:5000`;
    const accept = door.accept(from);
    if (isProven) door.hearFrames(accept, 0, [PING], from);
  }
}

describe('HELLOs that are not understood', () => {
  /** A HELLO of another version, its checksum right. */
  const ofVersion = (version: number): Uint8Array => withByte(helloBytes(), 1, version);

  test.each([2, 3, 255])('of version %i: what is spoken here, in fewer bytes', (version) => {
    const door = new Door();
    expect(door.hear(ofVersion(version))).toMatchObject([
      { kind: 'version', initiatorId: ID, versions: [1], size: 16 },
    ]);
    expect(door.listener.sessionCount).toBe(0);
  });

  test('of version 0: nothing', () => {
    expect(new Door().hear(ofVersion(0))).toEqual([]);
  });

  test('of 1199 bytes: nothing (RFC 9000 section 14.1)', () => {
    expect(new Door().hear(helloBytes().subarray(0, 1199))).toEqual([]);
  });
});

describe('nothing but a HELLO is answered, so that no loop can start', () => {
  const initiatorId = ID;
  test.each([
    { name: 'an empty datagram', datagram: new Uint8Array(0) },
    { name: 'fewer bytes than any header', datagram: new Uint8Array(15).fill(1) },
    { name: '65,507 bytes that look like a HELLO', datagram: new Uint8Array(65_507).fill(1) },
    { name: '65,507 bytes that look like a packet', datagram: new Uint8Array(65_507).fill(0x40) },
    { name: 'a COOKIE', datagram: codecPacket('cookie', { initiatorId, cookie: new Uint8Array(24).fill(1) }) },
    { name: 'a VERSION', datagram: codecPacket('version', { initiatorId, versions: [2] }) },
    { name: 'a REFUSE', datagram: codecPacket('refuse', { initiatorId, reason: 5 }) },
    { name: 'an ACCEPT', datagram: codecPacket('accept', { ...new Door().accept(), initiatorId }) },
    {
      name: 'a packet for no session',
      datagram: codecPacket('protected', { keyPhase: 0, connectionId: ID, packetNumber: 1, frames: [PING] }),
    },
  ])('$name', ({ datagram }) => {
    const door = new Door();
    expect(door.hear(datagram)).toEqual([]);
    expect(door.listener.sessionCount).toBe(0);
  });

  test('the low half of a session’s id is not enough', () => {
    const door = new Door();
    const accept = door.accept();
    const { hi, lo } = accept.acceptorId;
    expect(door.hearFrames({ ...accept, acceptorId: { hi: hi ^ 1, lo } }, 0, [PING])).toEqual([]);
    expect(door.listener.pollAccept()).toBeUndefined();
  });

  test('whatever comes, every answer is shorter than what it answers, and there is at most one', () => {
    const hello = helloBytes();
    const bytes = fc.oneof(
      fc.uint8Array({ maxLength: 2000 }),
      fc.tuple(fc.nat(1195), fc.nat(255)).map(([at, value]) => withByte(hello, at, value)),
      fc.integer({ min: 0, max: 1199 }).map((length) => hello.subarray(0, length)),
    );
    fc.assert(
      fc.property(fc.array(bytes, { minLength: 1, maxLength: 5 }), (datagrams) => {
        const door = new Door();
        for (const datagram of datagrams) {
          const answers = door.hear(datagram);
          expect(answers.length).toBeLessThanOrEqual(1);
          for (const { size } of answers) expect(size).toBeLessThan(datagram.length);
        }
        expect(door.listener.sessionCount).toBe(0);
      }),
    );
  });
});

/** A handshake packet with one byte changed and its checksum made right again. */
function withByte(datagram: Uint8Array, at: number, value: number): Uint8Array {
  const changed = datagram.slice();
  changed[at] = value;
  const end = changed.length - 4;
  new DataView(changed.buffer).setUint32(end, crc32c(changed, 0, end));
  return changed;
}

describe('several sessions', () => {
  afterEach(() => {
    vi.restoreAllMocks();
  });

  test('two hundred, of which one is busy: nobody asks the others anything', () => {
    const door = new Door({ idleTimeout: 3_600_000 });
    begin(door, 200);
    const sessions = Array.from({ length: 200 }, () => door.listener.pollAccept() as Session);
    const busy = sessions[77] as Session;
    for (door.now = 0; door.now < 1000; door.now += 100) door.drain();
    const asked = new Set<unknown>();
    for (const verb of ['pollTransmit', 'handleTimeout', 'pollTimeout'] as const) {
      const original = Session.prototype[verb] as (...args: unknown[]) => never;
      vi.spyOn(Session.prototype, verb).mockImplementation(function (this: unknown, ...args: unknown[]) {
        asked.add(this);
        return original.apply(this, args);
      } as never);
    }
    busy.write(new Uint8Array(5000));
    expect(door.drain().length).toBeGreaterThan(0);
    door.listener.pollTimeout();
    expect([...asked]).toEqual([busy]);
  });

  test('news are of those that heard something or ended, each once', () => {
    const door = new Door({ idleTimeout: 1000 });
    begin(door, 2);
    const sessions = [door.listener.pollAccept(), door.listener.pollAccept()];
    expect([door.listener.pollNews(), door.listener.pollNews(), door.listener.pollNews()]).toEqual([
      ...sessions,
      undefined,
    ]);
    for (door.now = 400; door.now <= 1200; door.now += 400) door.drain();
    expect(sessions.map((session) => session?.end?.by)).toEqual(['silence', 'silence']);
    expect(new Set([door.listener.pollNews(), door.listener.pollNews()])).toEqual(new Set(sessions));
    expect(door.listener.sessionCount).toBe(0);
  });

  test('take turns in sending: none starves the others', () => {
    const door = new Door();
    const addresses = [1, 2, 3].map((i) => `10.0.0.${i}:5000`);
    for (const from of addresses) door.hearFrames(door.accept(from), 0, [PING], from);
    for (const _ of addresses) door.listener.pollAccept()?.write(new Uint8Array(5000));
    const order = door.drain().map(({ to }) => to);
    expect(new Set(order.slice(0, 3))).toEqual(new Set(addresses));
    expect(new Set(order.slice(3, 6))).toEqual(new Set(addresses));
  });

  test('end one by one: farewells are said when every one of them has ended', () => {
    const door = new Door();
    begin(door, 2);
    const sessions = [door.listener.pollAccept(), door.listener.pollAccept()];
    expect(door.listener.farewellsSaid).toBe(false);
    for (const session of sessions) session?.close(door.now, 0);
    door.drain();
    expect(door.listener.farewellsSaid).toBe(false);
    for (let i = 0; i < 20 && !door.listener.farewellsSaid; i++) {
      door.now = door.listener.pollTimeout() as number;
      door.drain();
    }
    expect(door.listener.sessionCount).toBe(2); // they linger, for a peer that did not hear
    for (let i = 0; i < 20 && door.listener.sessionCount > 0; i++) {
      door.now = door.listener.pollTimeout() as number;
      door.drain();
    }
    expect(door.now).toBeLessThan(1000);
    expect(door.listener.pollTimeout()).toBeUndefined();
  });
});
