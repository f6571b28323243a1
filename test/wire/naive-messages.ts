import type {
  Abort,
  Content,
  Done,
  End,
  Missing,
  Offer,
  Prefix,
  Receipt,
  Verdict,
} from '../../src/transfer/messages.ts';
import { Layout } from './layout.ts';

// The oracle for transfer messages: PROTOCOL.md section 12 word by word.

export type Message = Offer | Content | End | Abort | Done | Prefix | Verdict | Receipt | Missing;

const TYPES = {
  offer: 1,
  content: 2,
  end: 3,
  abort: 4,
  done: 5,
  prefix: 6,
  early: 7,
  verdict: 0x11,
  receipt: 0x12,
  missing: 0x13,
} as const;
const VERDICTS = { accept: 0, skip: 1, refuse: 2, compare: 3 } as const;

/** A message of any type around a body. */
export function naiveMessageAround(type: number, body: Layout): Layout {
  return new Layout().uint('type', 1, type).uint('body length', 4, body.bytes.length).append('', body);
}

export function naiveMessage(message: Message): Layout {
  return naiveMessageAround(TYPES[message.kind], naiveBody(message));
}

function naiveBody(message: Message): Layout {
  const body = new Layout();
  switch (message.kind) {
    case 'offer':
      return naiveOffer(body, message);
    case 'content':
    case 'early':
      return body.uint('entry', 4, message.entry).uint('offset', 8, message.offset).raw('bytes', message.bytes);
    case 'end':
      body.uint('entry', 4, message.entry).uint('size', 8, message.size);
      return body.uint('algorithm', 1, 1).raw('digest', message.digest);
    case 'abort':
      return body.uint('entry', 4, message.entry).uint('code', 2, message.code).counted('text', 2, message.text);
    case 'done':
      return body.uint('entries', 4, message.entries);
    case 'prefix':
      body.uint('entry', 4, message.entry).uint('offset', 8, message.offset).uint('count', 2, message.digests.length);
      for (const [index, digest] of message.digests.entries()) body.raw(`digest ${index}`, digest);
      return body;
    case 'missing':
      body.uint('entry', 4, message.entry).uint('offset', 8, message.offset).uint('count', 2, message.isMissing.length);
      return body.raw('bits', naiveBits(message.isMissing));
    case 'verdict':
      body.uint('entry', 4, message.entry).uint('verdict', 1, VERDICTS[message.verdict]);
      return body.uint('code', 2, message.code).uint('offset', 8, message.offset).counted('text', 2, message.text);
    case 'receipt':
      body.uint('entry', 4, message.entry).uint('code', 2, message.code).uint('size', 8, message.size);
      return body.raw('digest', message.digest).counted('text', 2, message.text);
  }
}

/** From text: eight characters to a byte, the last one filled up with zeros. */
function naiveBits(bits: readonly boolean[]): Uint8Array {
  const text = bits.map((bit) => (bit ? '1' : '0')).join('');
  const bytes = text.match(/.{1,8}/g) ?? [];
  return Uint8Array.from(bytes, (eight) => Number.parseInt(eight.padEnd(8, '0'), 2));
}

function naiveOffer(body: Layout, offer: Offer): Layout {
  const flag = (value: unknown, bit: number): number => (value === undefined ? 0 : bit);
  body.uint('entry', 4, offer.entry).uint('entryKind', 1, { file: 0, directory: 1, link: 2 }[offer.entryKind]);
  body.uint('flags', 1, flag(offer.size, 1) | flag(offer.mtime, 2) | flag(offer.mode, 4) | (offer.fresh ? 8 : 0));
  body
    .uint('size', 8, offer.size ?? 0)
    .uint('mtime', 8, offer.mtime ?? 0)
    .uint('mode', 2, offer.mode ?? 0);
  body.uint('count', 1, offer.path.length);
  for (const [index, component] of offer.path.entries()) body.counted(`path ${index}`, 1, component);
  return body.counted('target', 2, offer.target);
}
