import { Layout } from './layout.ts';
import { type Message, naiveMessage, naiveMessageAround } from './naive-messages.ts';
import { toJson, type Vector } from './vector-file.ts';
import { CONTENT, ramp, sha256, text } from './vector-values.ts';

function message(name: string, value: Message): Vector {
  const { kind, ...fields } = value;
  const layout = naiveMessage(value);
  return { name, kind, hex: layout.hex, fields: toJson(fields) as Vector['fields'], layout: layout.rows };
}

/** The header of a pipe: a message that is nothing but its type. */
function pipeVector(): Vector {
  const layout = naiveMessageAround(0x20, new Layout());
  return { name: 'pipe', kind: 'pipe', hex: layout.hex, fields: {}, layout: layout.rows };
}

const none = text('');
const MEBIBYTE = 2 ** 20;
const file = {
  kind: 'offer',
  entry: 0,
  entryKind: 'file',
  size: CONTENT.length,
  mtime: 1_700_000_000_123,
  mode: 0o644,
  fresh: false,
  path: [text('hello.txt')],
  target: none,
} as const;

/** Two chunks and a tail: the receiver has both chunks, and the second one is wrong. */
const chunks = [new Uint8Array(MEBIBYTE), new Uint8Array(MEBIBYTE).fill(1)];
const resumed = new Uint8Array(Buffer.concat([...chunks, CONTENT]));

export const messageVectors: readonly Vector[] = [
  message('offer-file', file),
  message('offer-of-unknown-size', {
    ...file,
    entry: 1,
    size: undefined,
    mtime: undefined,
    mode: undefined,
    path: [text('stdin')],
  }),
  message('offer-empty-file', { ...file, entry: 2, size: 0, mode: undefined, path: [text('empty')] }),
  message('offer-before-1970', { ...file, entry: 3, mtime: -1, mode: 0o400, path: [text('naïve café ☕.txt')] }),
  message('offer-fresh', { ...file, entry: 4, fresh: true }),
  message('offer-directory', {
    ...file,
    entry: 4,
    entryKind: 'directory',
    size: undefined,
    mode: 0o755,
    path: [text('photos'), text('2026')],
  }),
  message('offer-link', {
    ...file,
    entry: 5,
    entryKind: 'link',
    size: undefined,
    mtime: undefined,
    mode: undefined,
    path: [text('photos'), text('latest')],
    target: text('2026'),
  }),
  message('offer-greatest-values', {
    ...file,
    entry: 2 ** 32 - 1,
    size: Number.MAX_SAFE_INTEGER,
    mtime: Number.MAX_SAFE_INTEGER,
    mode: 0xffff,
    path: [ramp(0x41, 1), new Uint8Array(255).fill(0x61)],
  }),
  message('offer-most-components', { ...file, path: Array.from({ length: 64 }, (_, i) => text(`d${i}`)) }),
  message('content', { kind: 'content', entry: 0, offset: 0, bytes: CONTENT }),
  message('content-further-on', { kind: 'content', entry: 7, offset: 2 ** 32 + 5, bytes: text('x') }),
  message('early', { kind: 'early', entry: 0, offset: 0, bytes: CONTENT }),
  message('end', { kind: 'end', entry: 0, size: CONTENT.length, digest: sha256(CONTENT) }),
  message('end-empty-file', { kind: 'end', entry: 2, size: 0, digest: sha256(none) }),
  message('abort', { kind: 'abort', entry: 1, code: 8, text: text('hello.txt changed while it was read') }),
  message('abort-without-text', { kind: 'abort', entry: 1, code: 10, text: none }),
  message('done', { kind: 'done', entries: 6 }),
  message('done-nothing', { kind: 'done', entries: 0 }),
  message('verdict-accept', { kind: 'verdict', entry: 0, verdict: 'accept', code: 0, offset: 0, text: none }),
  message('verdict-resume', {
    kind: 'verdict',
    entry: 9,
    verdict: 'accept',
    code: 0,
    offset: 2 * MEBIBYTE,
    text: none,
  }),
  message('verdict-compare', { kind: 'verdict', entry: 0, verdict: 'compare', code: 0, offset: 0, text: none }),
  message('verdict-skip', {
    kind: 'verdict',
    entry: 2,
    verdict: 'skip',
    code: 1,
    offset: 0,
    text: text('empty exists'),
  }),
  message('verdict-refuse', {
    kind: 'verdict',
    entry: 4,
    verdict: 'refuse',
    code: 7,
    offset: 0,
    text: text('directories are not taken'),
  }),
  message('receipt-stored', {
    kind: 'receipt',
    entry: 0,
    code: 0,
    size: CONTENT.length,
    digest: sha256(CONTENT),
    text: none,
  }),
  message('receipt-no-space', {
    kind: 'receipt',
    entry: 0,
    code: 3,
    size: 0,
    digest: new Uint8Array(32),
    text: text('no space left'),
  }),
  message('prefix', { kind: 'prefix', entry: 9, offset: 0, digests: chunks.map(sha256) }),
  message('prefix-most-digests', {
    kind: 'prefix',
    entry: 9,
    offset: 64 * MEBIBYTE,
    digests: Array.from({ length: 64 }, (_, i) => sha256(text(`chunk ${i}`))),
  }),
  message('missing', { kind: 'missing', entry: 9, offset: 0, isMissing: [false, true] }),
  message('missing-none', { kind: 'missing', entry: 9, offset: 3 * MEBIBYTE, isMissing: new Array(8).fill(false) }),
  message('missing-most', {
    kind: 'missing',
    entry: 9,
    offset: 64 * MEBIBYTE,
    isMissing: Array.from({ length: 64 }, (_, i) => i % 3 === 0 || i === 63),
  }),
  message('missing-nine-chunks', {
    kind: 'missing',
    entry: 9,
    offset: 2 ** 32,
    isMissing: Array.from({ length: 9 }, (_, i) => i === 8),
  }),
  message('resume-offer', {
    ...file,
    entry: 9,
    size: resumed.length,
    mtime: undefined,
    mode: undefined,
    path: [text('movie')],
  }),
  message('resume-tail', { kind: 'content', entry: 9, offset: 2 * MEBIBYTE, bytes: CONTENT }),
  message('resume-end', { kind: 'end', entry: 9, size: resumed.length, digest: sha256(resumed) }),
  message('resume-receipt', {
    kind: 'receipt',
    entry: 9,
    code: 0,
    size: resumed.length,
    digest: sha256(resumed),
    text: none,
  }),
  pipeVector(),
];
