import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { MAX_OPEN_SINKS } from '../../src/transfer/incoming-entries.ts';
import { MemoryStore } from '../../src/transfer/memory-store.ts';
import type { Store } from '../../src/transfer/ports.ts';
import { ReceivingTransfer } from '../../src/transfer/receiving.ts';
import { nearlyValidArb, slicesArb } from './arbitraries.ts';
import { createDigest, join, noise, sha256, slice } from './bytes.ts';
import { encodeMessage, type SentMessage } from './codec.ts';
import {
  abort,
  CONTENT,
  content,
  done,
  end,
  missing,
  NOBODY,
  offer,
  offers,
  prefix,
  receipt,
  verdict,
} from './phrases.ts';
import { ScriptedStream } from './scripted-stream.ts';

const NOTHING = new Uint8Array(0);

/** A store that counts how many sinks are in use, and what they were given. */
class WatchedStore implements Store {
  readonly inner = new MemoryStore(createDigest);
  inUse = 0;
  peak = 0;

  open(...[opened, wake]: Parameters<Store['open']>): ReturnType<Store['open']> {
    const sink = this.inner.open(opened, wake);
    let over = false;
    this.peak = Math.max(this.peak, ++this.inUse);
    const release = (): void => {
      if (!over) this.inUse--;
      over = true;
    };
    return {
      verdict: () => {
        const given = sink.verdict();
        if (given?.verdict === 'skip' || given?.verdict === 'refuse') release();
        return given;
      },
      write: (bytes, offset) => sink.write(bytes, offset),
      compare: (offset, digests) => sink.compare(offset, digests),
      differing: () => sink.differing(),
      taken: () => sink.taken(),
      end: (size, digest) => sink.end(size, digest),
      receipt: () => {
        const given = sink.receipt();
        if (given !== undefined) release();
        return given;
      },
      abort: () => {
        release();
        sink.abort();
      },
    };
  }
}

/** Feeds slices, a step for each, and checks what must hold whatever they are. */
function receive(slices: readonly Uint8Array[]): { store: WatchedStore; receiving: ReceivingTransfer } {
  const store = new WatchedStore();
  const stream = new ScriptedStream();
  const receiving = new ReceivingTransfer(store, stream, () => {}, NOBODY);
  for (const bytes of slices) {
    stream.sayBytes(bytes);
    receiving.step();
    receiving.takeOutcomes();
    // A memory store takes everything at once, so nothing may be held back from a running transfer.
    if (receiving.state === 'running') expect(stream.bytesConsumed).toBe(stream.bytesRead);
    expect(receiving.violation !== undefined).toBe(receiving.state === 'failed');
  }
  receiving.abort();
  expect(store.inUse).toBe(0);
  expect(store.peak).toBeLessThanOrEqual(MAX_OPEN_SINKS);
  return { store, receiving };
}

/** A whole valid transfer of three files; the receiver answers as it goes, so it comes in two parts. */
const FILES = [CONTENT, NOTHING, noise(50, 9)];
const OPENING: SentMessage[] = FILES.map(({ length }, entry) => offer(entry, length));
const CLOSING: SentMessage[] = [
  content(0, 0, CONTENT.subarray(0, 70)),
  content(0, 70, CONTENT.subarray(70)),
  end(0),
  end(1, NOTHING),
  content(2, 0, FILES[2]),
  end(2, FILES[2]),
  done(3),
];
const [opening, closing] = [OPENING, CLOSING].map((messages) => join(messages.map(encodeMessage))) as [
  Uint8Array,
  Uint8Array,
];

describe('hostile streams to a receiver', () => {
  test('the valid transfer is received, so that what follows damages something', () => {
    const { store, receiving } = receive([opening, closing]);
    expect(receiving.state).toBe('complete');
    expect([...store.inner.published.values()].map(({ bytes }) => bytes)).toEqual(FILES);
  });

  test('random and nearly valid bytes never throw, hold memory or leave a sink open', () => {
    fc.assert(
      fc.property(fc.oneof(fc.uint8Array({ maxLength: 400 }), nearlyValidArb), slicesArb, (bytes, sizes) => {
        const { store } = receive(slice(bytes, sizes));
        for (const { size, digest, bytes: published } of store.inner.published.values()) {
          expect(published).toHaveLength(size);
          expect(digest).toEqual(sha256(published ?? NOTHING));
        }
      }),
      { numRuns: 500 },
    );
  });

  test('a valid transfer with any one bit flipped publishes only what was sent', () => {
    const known = new Set(FILES.map((bytes) => Buffer.from(bytes).toString('hex')));
    for (let bit = 0; bit < 8 * (opening.length + closing.length); bit++) {
      const whole = join([opening, closing]);
      const at = bit >> 3;
      whole[at] = (whole[at] ?? 0) ^ (1 << (bit & 7));
      const { store } = receive([whole.subarray(0, opening.length), whole.subarray(opening.length)]);
      for (const { bytes } of store.inner.published.values()) {
        expect(known).toContain(Buffer.from(bytes ?? NOTHING).toString('hex'));
      }
    }
  });

  test('a valid transfer cut anywhere before its end is not complete', () => {
    for (let length = 0; length < closing.length; length++) {
      expect(receive([opening, closing.subarray(0, length)]).receiving.state).toBe('failed');
    }
  });

  test('no kind of message in any state of the transfer makes it throw or publish anything but what was sent', () => {
    const strays: SentMessage[] = [offer(0), content(0), end(0), abort(0), done(3), verdict(0), receipt(0)];
    strays.push(prefix(0, 0, [CONTENT]), missing(0, 0, '1'));
    const steps = [...OPENING.map((message) => [message]), ...CLOSING.map((message) => [message])];
    for (let before = 0; before <= steps.length; before++) {
      for (const stray of strays) {
        const valid = steps.slice(0, before).map((messages) => join(messages.map(encodeMessage)));
        const { store, receiving } = receive([...valid, encodeMessage(stray)]);
        const published = [...store.inner.published.values()].map(({ bytes }) => bytes);
        expect(published).toEqual(FILES.slice(0, published.length));
        if (before === steps.length) expect([receiving.state, published.length]).toEqual(['complete', 3]);
      }
    }
  });

  test('offers of 4,096 bytes without end are stopped at the limit', () => {
    const path = [...Array.from({ length: 15 }, () => new Uint8Array(255).fill(0x61)), new Uint8Array(228).fill(0x62)];
    const { receiving } = receive([join(offers(1000).map((one) => encodeMessage({ ...one, path })))]);
    expect(receiving.violation).toMatch(/too many offers/);
  });
});

/** What the order of messages allows, told again in the simplest way: every entry is accepted at once. */
function isAllowed(messages: readonly SentMessage[]): boolean {
  const positions: (number | 'closed')[] = [];
  for (const message of messages) {
    const turn = positions.findIndex((position) => position !== 'closed');
    const position = positions[turn] ?? 'closed';
    if (message.kind === 'offer') {
      if (message.entry !== positions.length) return false;
      positions.push(0);
    } else if (message.kind === 'done') {
      if (message.entries !== positions.length || turn >= 0) return false;
    } else if (message.kind === 'verdict' || message.kind === 'receipt') {
      return false;
    } else {
      if (message.entry !== turn || position === 'closed') return false;
      if (message.kind === 'content') {
        if (message.offset !== position || position + message.bytes.length > CONTENT.length) return false;
        positions[turn] = position + message.bytes.length;
      } else {
        if (message.kind === 'end' && (position !== CONTENT.length || message.size !== position)) return false;
        positions[turn] = 'closed';
      }
    }
  }
  return true;
}

test('any sequence of messages is judged as the rules of order say', () => {
  const idArb = fc.constantFrom(0, 0, 1, 1, 2);
  const choices = fc.oneof(
    fc.record({ what: fc.constantFrom('offer', 'end', 'abort', 'done', 'verdict', 'receipt'), id: idArb }),
    fc.record({ what: fc.constant('next'), id: fc.nat(3) }),
    fc.record({ what: fc.constantFrom('half', 'rest', 'whole'), id: idArb }),
  );
  const say = { end, abort, done, verdict, receipt };
  const messageOf = ({ what, id }: { what: string; id: number }, offered: number): SentMessage => {
    if (what === 'half') return content(id, 0, CONTENT.subarray(0, 50));
    if (what === 'rest') return content(id, 50, CONTENT.subarray(50));
    if (what === 'whole') return content(id);
    if (what === 'next') return offer(offered);
    return what === 'offer' ? offer(id) : say[what as keyof typeof say](id);
  };
  let allowedRuns = 0;
  fc.assert(
    fc.property(fc.array(choices, { maxLength: 10 }), (script) => {
      const messages: SentMessage[] = [];
      for (const choice of script) {
        const offered = messages.filter(({ kind }) => kind === 'offer').length;
        const message = messageOf(choice, offered);
        messages.push(message);
        if (message.kind === 'done' || !isAllowed(messages)) break;
      }
      const allowed = isAllowed(messages);
      if (allowed && messages.length > 2) allowedRuns++;
      expect(receive(messages.map(encodeMessage)).receiving.violation === undefined).toBe(allowed);
    }),
    { numRuns: 2000 },
  );
  expect(allowedRuns).toBeGreaterThan(10);
});
