import { afterEach, expect, test } from 'vitest';
import type { Bytes, Millis } from '../../src/base/units.ts';
import { addressKey } from '../../src/net/address.ts';
import { clock, Driver, type DriverHooks } from '../../src/net/driver.ts';
import { UdpSocket } from '../../src/net/udp-socket.ts';
import type { Endpoint, Transmit } from '../../src/session/endpoint.ts';
import type { Host } from '../../src/session/host.ts';

const drivers: Driver[] = [];

afterEach(async () => {
  for (const driver of drivers.splice(0)) await driver.stop();
});

/** A host that sends what it is given and notes what comes, and when. */
class Notebook implements Host, Endpoint {
  readonly endpoint = this;
  readonly outgoing: Uint8Array[] = [];
  readonly incoming: Uint8Array[] = [];
  readonly times: Millis[] = [];
  to = '';
  deadline: Millis | undefined;

  handleDatagram(now: Millis, datagram: Uint8Array): void {
    this.times.push(now);
    this.incoming.push(new Uint8Array(datagram));
  }

  handleTimeout(now: Millis): void {
    this.times.push(now);
    if (this.deadline !== undefined && now >= this.deadline) this.deadline = undefined;
  }

  step(now: Millis): void {
    this.times.push(now);
  }

  pollTransmit(now: Millis, out: Uint8Array): Transmit | undefined {
    this.times.push(now);
    const datagram = this.outgoing.shift();
    if (datagram === undefined) return undefined;
    out.set(datagram);
    return { length: datagram.length, to: this.to };
  }

  pollTimeout(): Millis | undefined {
    return this.deadline;
  }
}

/** Drives a host until `isDone` holds after a turn. */
function drive(
  socket: UdpSocket,
  host: Notebook,
  isDone: () => boolean,
  more: Pick<DriverHooks, 'onTooBig'> = {},
): Promise<void> {
  return new Promise((resolve, reject) => {
    const hooks: DriverHooks = {
      ...more,
      onTurn: () => {
        if (isDone()) resolve();
      },
      onDefect: reject,
    };
    drivers.push(new Driver(socket, host, hooks));
  });
}

/** Two hosts that talk to each other. */
async function createPair(): Promise<{ caller: Notebook; called: Notebook; sockets: [UdpSocket, UdpSocket] }> {
  const there = await UdpSocket.bind('127.0.0.1', 0);
  const here = await UdpSocket.connect(there.address, 4);
  const caller = new Notebook();
  const called = new Notebook();
  called.to = addressKey(here.address.address, here.address.port);
  return { caller, called, sockets: [here, there] };
}

const datagram = (length: Bytes, fill: number): Uint8Array => new Uint8Array(length).fill(fill);

test('every datagram leaves with its own bytes and length, though buffers are used again', async () => {
  const { caller, called, sockets } = await createPair();
  // Few enough for any socket buffer, more than a turn sends.
  const sizes = Array.from({ length: 100 }, (_, i) => (i % 3 === 0 ? 1200 : 1 + i));
  const sent = sizes.map((size, i) => datagram(size, i));
  caller.outgoing.push(...sent);
  const arrived = drive(sockets[1], called, () => called.incoming.length === sent.length);
  await Promise.all([drive(sockets[0], caller, () => caller.outgoing.length === 0), arrived]);
  expect(called.incoming).toEqual(sent);
});

test('as many equal datagrams as there may be buffers for, twice over, leave one after the other', async () => {
  const { caller, called, sockets } = await createPair();
  const sent = Array.from({ length: 300 }, (_, i) => datagram(20, i));
  caller.outgoing.push(...sent);
  const arrived = drive(sockets[1], called, () => called.incoming.length === sent.length);
  await Promise.all([drive(sockets[0], caller, () => caller.outgoing.length === 0), arrived]);
  expect(called.incoming).toEqual(sent);
});

test.each([1, 2, 60])(
  '%d equal datagrams too large for the system: that is heard, and smaller ones still leave',
  async (count) => {
    const { caller, called, sockets } = await createPair();
    for (let i = 0; i < count; i++) caller.outgoing.push(datagram(65_510, i));
    caller.outgoing.push(datagram(10, 1));
    let tooBig = 0;
    const onTooBig = (): void => void tooBig++;
    const arrived = drive(sockets[1], called, () => called.incoming.length === 1);
    await Promise.all([drive(sockets[0], caller, () => tooBig > 0, { onTooBig }), arrived]);
    expect(called.incoming).toEqual([datagram(10, 1)]);
  },
);

test('large datagrams leave in more than one turn, so that ACKs are read in between', async () => {
  const { caller, called, sockets } = await createPair();
  let turns = 0;
  for (let i = 0; i < 30; i++) caller.outgoing.push(datagram(60_000, i));
  caller.step = () => {
    turns++;
  };
  const arrived = drive(sockets[1], called, () => called.incoming.length > 0);
  await Promise.all([drive(sockets[0], caller, () => caller.outgoing.length === 0), arrived]);
  expect(turns).toBeGreaterThan(2);
});

test('where many datagrams wait a turn follows two batches of them, and not more', async () => {
  const { called, sockets } = await createPair();
  const count = 200;
  const heard: number[] = [];
  const done = drive(sockets[1], called, () => called.incoming.length === count);
  called.step = () => {
    called.step = () => heard.push(called.incoming.length);
    for (let i = 0; i < count; i++) sockets[0].send(datagram(100, i), '', () => {});
  };
  await done;
  await sockets[0].close();
  const each = heard.map((total, turn) => total - (heard[turn - 1] ?? 0));
  expect(Math.max(...each)).toBe(64);
});

test('a host never sees time go backwards, whoever wakes its driver', async () => {
  const { caller, called, sockets } = await createPair();
  for (let i = 0; i < 50; i++) caller.outgoing.push(datagram(100, i));
  const arrived = drive(sockets[1], called, () => called.incoming.length === 50);
  const handle = called.handleDatagram.bind(called);
  called.handleDatagram = (now, bytes) => {
    handle(now, bytes);
    // As one who cancels does: tells the host the time, then wakes the driver.
    called.times.push(clock());
    drivers[0]?.wake();
  };
  await Promise.all([drive(sockets[0], caller, () => caller.outgoing.length === 0), arrived]);
  expect(called.times.length).toBeGreaterThan(100);
  expect(called.times).toEqual([...called.times].sort((a, b) => a - b));
});

test('a datagram is told the time at which it was read, however long the one before it took', async () => {
  const { caller, called, sockets } = await createPair();
  for (let i = 0; i < 3; i++) caller.outgoing.push(datagram(100, i));
  const arrivals: Millis[] = [];
  const doneAt: Millis[] = [];
  called.handleDatagram = (now, bytes) => {
    arrivals.push(now);
    called.incoming.push(bytes);
    while (clock() < now + 10); // a busy machine
    doneAt.push(clock());
  };
  const arrived = drive(sockets[1], called, () => called.incoming.length === 3);
  await Promise.all([drive(sockets[0], caller, () => caller.outgoing.length === 0), arrived]);
  for (let i = 1; i < 3; i++) expect(arrivals[i]).toBeGreaterThanOrEqual(doneAt[i - 1] as Millis);
});

test('a deadline makes a turn due, not before it', async () => {
  const host = new Notebook();
  const deadline = clock() + 20;
  host.deadline = deadline;
  await drive(await UdpSocket.bind('127.0.0.1', 0), host, () => host.deadline === undefined);
  expect(host.times.at(-1)).toBeGreaterThanOrEqual(deadline);
});

test('a host that throws stops its driver, which says so', async () => {
  const host = new Notebook();
  host.step = () => {
    throw new Error('a defect');
  };
  const driven = drive(await UdpSocket.bind('127.0.0.1', 0), host, () => false);
  await expect(driven).rejects.toThrow('a defect');
});

test('after a suspension everything that waits in the socket is read before a deadline acts', async () => {
  const { caller, called, sockets } = await createPair();
  const count = 100; // more than the system hands over at once
  for (let i = 0; i < count; i++) caller.outgoing.push(datagram(100, i));
  called.deadline = clock() + 10;
  const heard: number[] = [];
  const handleTimeout = called.handleTimeout.bind(called);
  called.handleTimeout = (now) => {
    if (called.deadline !== undefined && now >= called.deadline) heard.push(called.incoming.length);
    handleTimeout(now);
  };
  const done = drive(sockets[1], called, () => called.deadline === undefined);
  called.step = () => {
    called.step = () => {};
    for (const bytes of caller.outgoing) sockets[0].send(bytes, '', () => {});
    while (clock() < (called.deadline ?? 0) + 1100); // as if stopped
  };
  await done;
  await sockets[0].close();
  expect(heard).toEqual([count]);
});
