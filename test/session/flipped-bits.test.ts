import { describe, expect, test } from 'vitest';
import { NoiseAcceptor } from '../../src/crypto/noise-acceptor.ts';
import { NoiseInitiator } from '../../src/crypto/noise-initiator.ts';
import type { Session } from '../../src/session/session.ts';
import { CHECKSUM, writeChecksum } from '../../src/wire/checksum.ts';
import { decodePacket } from '../../src/wire/packet.ts';
import { flipped, KEY } from '../crypto/shake-hands.ts';
import { CALLED, CALLER } from './called.ts';
import type { Datagram } from './network.ts';
import { SealedTransfer } from './sealed-transfer.ts';

const CONTENT = Uint8Array.from({ length: 8000 }, (_, i) => 31 * i);
const ELSEWHERE = '10.9.9.9:1';
/** Bytes of a HELLO after its key agreement and before its checksum: they mean nothing. */
const PADDING = { from: 138, to: 1196 };
const COOKIE = { from: 34, to: 58 };

const kindOf = (bytes: Uint8Array): string => decodePacket(bytes).kind;

function withChecksum(bytes: Uint8Array): Uint8Array {
  writeChecksum(bytes, bytes.length - CHECKSUM);
  return bytes;
}

/** Everything that can be seen of a session, but for how much it heard. */
function stateOf(session: Session | undefined): object | undefined {
  if (session === undefined) return undefined;
  const { datagramsReceived: _, bytesReceived: __, damaged: ___, ...stats } = session.stats;
  const { peer, end, confirmed, unacknowledged, bytesInFlight, receiveBuffered, receiveWindow, cwnd } = session;
  const deadline = session.pollTimeout();
  return {
    peer,
    end,
    confirmed,
    unacknowledged,
    bytesInFlight,
    receiveBuffered,
    receiveWindow,
    cwnd,
    deadline,
    ...stats,
  };
}

/** A transfer whose every datagram can be tried in other forms just before it arrives. */
class Watched extends SealedTransfer {
  readonly tried = new Map<string, number>();
  readonly #out = new Uint8Array(70_000);
  #looked = 0;

  constructor(key?: typeof KEY) {
    const options = key === undefined ? {} : { key };
    super(new NoiseInitiator(options), new NoiseAcceptor(options), CONTENT);
  }

  /** Lets time pass, and `act` on every datagram before it arrives. */
  watch(act: (datagram: Datagram) => void): void {
    while (!this.sender.isDone || this.sessionCount > 0) {
      this.run(5);
      for (; this.#looked < this.log.length; this.#looked++) {
        const datagram = this.log[this.#looked];
        if (datagram !== undefined && this.transit.includes(datagram)) act(datagram);
      }
      if (this.now > 60_000) throw new Error('it does not end');
    }
  }

  /** What its receiver answers at once to other bytes in its place. */
  answersTo({ to, from }: Datagram, bytes: Uint8Array, fromElsewhere = false): string[] {
    const { endpoint } = to === CALLED ? this.receiver : this.sender;
    endpoint.handleDatagram(this.now, bytes, fromElsewhere ? ELSEWHERE : from);
    const answers: string[] = [];
    for (let next = endpoint.pollTransmit(this.now, this.#out); next !== undefined; ) {
      answers.push(kindOf(this.#out.slice(0, next.length)));
      next = endpoint.pollTransmit(this.now, this.#out);
    }
    return answers;
  }

  get state() {
    const [incoming] = this.receiver.incoming;
    return {
      sender: stateOf(this.sender.session),
      receiver: stateOf(incoming?.session),
      sessions: this.sessionCount,
      begun: this.begun,
      published: [...this.store.published.keys()],
      progress: [this.sender.transfer?.progress, incoming?.transfer.progress],
    };
  }

  get dropped(): number {
    return (this.sender.session?.stats.damaged ?? 0) + (this.receiver.incoming[0]?.session.stats.damaged ?? 0);
  }
}

test.each([
  ['without a key', undefined],
  ['with a key', KEY],
])('every bit of every datagram of a transfer %s, from HELLO to CLOSE: dropped, and nothing changes', (_, key) => {
  const call = new Watched(key);
  let packets = 0;
  call.watch((datagram) => {
    const kind = kindOf(datagram.bytes);
    call.tried.set(kind, (call.tried.get(kind) ?? 0) + 1);
    const before = call.state;
    const droppedBefore = call.dropped;
    const isSession = kind === 'protected';
    const bits = 8 * datagram.bytes.length;
    for (let bit = 0; bit < bits; bit++) {
      const answers = call.answersTo(
        datagram,
        flipped(datagram.bytes, bit),
        isSession && bit % 2 === 0 && datagram.to === CALLED,
      );
      if (answers.length > 0) expect.unreachable(`bit ${bit} of a ${kind} is answered with ${answers}`);
    }
    expect(call.state).toEqual(before);
    // All but those that name another session, or no packet that there is.
    const isHeard = isSession && call.receiver.incoming[0]?.session.confirmed === true && call.sender.end === undefined;
    if (isHeard) expect(call.dropped - droppedBefore).toBeGreaterThan(bits - 8 * 9);
    if (isHeard) packets++;
  });
  expect(packets).toBeGreaterThan(5);
  expect([...call.tried.keys()].sort()).toEqual(['accept', 'cookie', 'hello', 'protected']);
  expect(call.sender.end?.kind).toBe('complete');
  expect(call.store.published.get('file')?.bytes).toEqual(CONTENT);
});

describe('with the checksum made right again', () => {
  test('a HELLO gets a COOKIE, a VERSION, a REFUSE or nothing, and no session comes of it; its padding means nothing', () => {
    const call = new Watched(KEY);
    const answered = new Set<string>();
    call.watch((datagram) => {
      if (kindOf(datagram.bytes) !== 'hello') return;
      const before = call.state;
      for (let bit = 0; bit < 8 * PADDING.from; bit++) {
        const answers = call.answersTo(datagram, withChecksum(flipped(datagram.bytes, bit)));
        for (const kind of answers) answered.add(kind);
        if (answers.length > 1 || answers.includes('accept')) expect.unreachable(`bit ${bit}: ${answers}`);
        const isCookie = bit >= 8 * COOKIE.from && bit < 8 * COOKIE.to;
        if (isCookie) expect(answers).toEqual(['cookie']);
      }
      expect(call.state).toEqual(before);
    });
    expect([...answered].sort()).toEqual(['cookie', 'refuse', 'version']);
    expect(call.sender.end?.kind).toBe('complete');
  });

  test('an ACCEPT and a COOKIE end nothing: the genuine one is taken', () => {
    const call = new Watched();
    let accepts = 0;
    call.watch((datagram) => {
      const kind = kindOf(datagram.bytes);
      if (datagram.to !== CALLER || kind !== 'accept') return;
      accepts++;
      if (call.sender.session !== undefined) return;
      for (let bit = 0; bit < 8 * (datagram.bytes.length - CHECKSUM); bit++) {
        call.answersTo(datagram, withChecksum(flipped(datagram.bytes, bit)));
        if (call.sender.session !== undefined) expect.unreachable(`bit ${bit} is not noticed`);
      }
    });
    expect(accepts).toBeGreaterThan(0);
    expect(call.sender.end?.kind).toBe('complete');
  });
});
