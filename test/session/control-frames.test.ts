import { expect, test } from 'vitest';
import { SeededPrng } from '../../src/base/prng.ts';
import { ControlFrames } from '../../src/session/control-frames.ts';
import { PacketNumbers } from '../../src/session/packet-numbers.ts';
import { PacketWriter } from '../../src/session/packet-writer.ts';
import { decodeFrames } from '../../src/wire/frames.ts';
import { plainProtection } from '../../src/wire/plain-protection.ts';
import { PROTECTED } from '../../src/wire/protected-header.ts';

const TOKEN = Uint8Array.of(1, 2, 3, 4, 5, 6, 7, 8);

/** Writes what is due into a packet; returns its frames, and what it would lose. */
function write(control: ControlFrames) {
  const out = new Uint8Array(1200);
  const numbers = new PacketNumbers(new SeededPrng(1), Infinity);
  const number = numbers.next;
  const writer = new PacketWriter({ hi: 0, lo: 1 }, plainProtection, numbers).begin(out);
  const content = control.write(writer);
  const length = writer.seal();
  const frames = decodeFrames(out, PROTECTED.frames, plainProtection.open(out.subarray(0, length), number) ?? 0);
  return { content, frames };
}

test.each([
  { due: { credit: 0 }, kinds: ['credit'], content: { credit: true, path: false } },
  { due: { challenge: TOKEN }, kinds: ['path-challenge'], content: { credit: false, path: true } },
  { due: { response: TOKEN }, kinds: ['path-response'], content: { credit: false, path: true } },
  { due: { ping: true }, kinds: ['ping'], content: { credit: false, path: false } },
  {
    due: { credit: 9, challenge: TOKEN, response: TOKEN, ping: true },
    kinds: ['credit', 'path-challenge', 'path-response', 'ping'],
    content: { credit: true, path: true },
  },
])('$kinds: written once, and known to be lost with the packet', ({ due, kinds, content }) => {
  const control = Object.assign(new ControlFrames(), due);
  expect(control.isDue).toBe(true);
  const first = write(control);
  expect(first.content).toEqual(content);
  expect(first.frames).toMatchObject(kinds.map((kind) => ({ kind })));
  expect(control.isDue).toBe(false);
  expect(write(control)).toMatchObject({ content: { credit: false, path: false }, frames: { kind: 'malformed' } });
});
