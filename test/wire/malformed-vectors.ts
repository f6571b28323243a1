import { bitwiseCrc32c, Layout } from './layout.ts';
import {
  naiveAccept,
  naiveCookie,
  naiveFrame,
  naiveHello,
  naivePlainPacket,
  naiveRefuse,
  naiveVersion,
} from './naive-encode.ts';
import { naiveMessage, naiveMessageAround } from './naive-messages.ts';
import { type MalformedVector, toHex } from './vector-file.ts';
import {
  ACCEPT,
  ACCEPTOR,
  ACK,
  CONTENT,
  COOKIE_BYTES,
  DATA,
  HELLO,
  INITIATOR,
  ramp,
  sha256,
  text,
} from './vector-values.ts';

/** The bytes with others put over them at `at`. */
function patched(bytes: Uint8Array, at: number, patch: readonly number[]): Uint8Array {
  const copy = Uint8Array.from(bytes);
  copy.set(patch, at);
  return copy;
}

/** The same, with the CRC made right again. */
function forged(bytes: Uint8Array, at: number, patch: readonly number[]): Uint8Array {
  const body = patched(bytes, at, patch).subarray(0, -4);
  return Uint8Array.from([...body, ...new Layout().uint('crc', 4, bitwiseCrc32c(body)).bytes]);
}

const packet = (name: string, reason: string, bytes: Uint8Array): MalformedVector => ({
  name,
  kind: 'packet',
  hex: toHex(bytes),
  reason,
});
const frames = (name: string, reason: string, bytes: Uint8Array): MalformedVector => ({
  name,
  kind: 'frames',
  hex: toHex(bytes),
  reason,
});
const messages = (name: string, reason: string, bytes: Uint8Array): MalformedVector => ({
  name,
  kind: 'messages',
  hex: toHex(bytes),
  reason,
});

const hello = naiveHello(HELLO).bytes;
const cookie = naiveCookie({ initiatorId: INITIATOR, cookie: COOKIE_BYTES }).bytes;
const accept = naiveAccept(ACCEPT).bytes;
const provenAccept = naiveAccept({ ...ACCEPT, protection: 'noise', suite: 1, keyAgreement: new Uint8Array(176) }).bytes;
const version = naiveVersion({ initiatorId: INITIATOR, versions: [1, 2] }).bytes;
const refuse = naiveRefuse({ initiatorId: INITIATOR, reason: 5 }).bytes;
const plain = naivePlainPacket({ keyPhase: 0, connectionId: ACCEPTOR, packetNumber: 1 }, [
  naiveFrame({ kind: 'ping' }),
]).bytes;
const ff8 = Array.from({ length: 8 }, () => 0xff);

const packets: MalformedVector[] = [
  packet('nothing', 'truncated', new Uint8Array(0)),
  packet('type-unknown', 'type', patched(hello, 0, [0x06])),
  packet('type-reserved-bit', 'type', patched(plain, 0, [0x42])),
  packet('hello-1199-bytes', 'truncated', naiveHello(HELLO, 1, 1199).bytes),
  packet('hello-wrong-crc', 'checksum', patched(hello, 1199, [(hello[1199] as number) ^ 1])),
  packet('hello-damaged-padding', 'checksum', patched(hello, 700, [1])),
  packet('hello-version-0', 'version', forged(hello, 1, [0])),
  packet('hello-protection-3', 'range', forged(hello, 2, [3])),
  packet('hello-plain-with-suite-1', 'range', forged(hello, 3, [1])),
  packet('hello-noise-with-suite-0', 'range', forged(hello, 2, [1])),
  packet('hello-arq-3', 'range', forged(hello, 4, [3])),
  packet('hello-window-0', 'range', forged(hello, 14, [0, 0, 0, 0])),
  packet('hello-window-1048577', 'range', forged(hello, 14, [0, 0x10, 0, 1])),
  packet('hello-max-datagram-1199', 'range', forged(hello, 18, [0x04, 0xaf])),
  packet('hello-max-datagram-65508', 'range', forged(hello, 18, [0xff, 0xe4])),
  packet('hello-idle-timeout-999', 'range', forged(hello, 20, [0, 0, 0x03, 0xe7])),
  packet('hello-idle-timeout-86400001', 'range', forged(hello, 20, [0x05, 0x26, 0x5c, 0x01])),
  packet('hello-credit-2-to-the-53', 'range', forged(hello, 24, [0, 0x20, 0, 0, 0, 0, 0, 0])),
  packet('hello-max-ack-delay-1001', 'range', forged(hello, 32, [0x03, 0xe9])),
  packet('hello-plain-with-key', 'range', forged(hello, 58, [1])),
  packet('cookie-truncated', 'truncated', cookie.subarray(0, 37)),
  packet('cookie-one-byte-more', 'length', Uint8Array.from([...cookie, 0])),
  packet('cookie-all-zero', 'range', forged(cookie, 10, [...new Uint8Array(24)])),
  packet('cookie-version-2', 'version', forged(cookie, 1, [2])),
  packet('cookie-wrong-crc', 'checksum', patched(cookie, 10, [0])),
  packet('accept-truncated', 'truncated', accept.subarray(0, 125)),
  packet('accept-one-byte-more', 'length', Uint8Array.from([...accept, 0])),
  packet('accept-identity-one-byte-less', 'length', provenAccept.subarray(0, 221)),
  packet('accept-identity-one-byte-more', 'length', Uint8Array.from([...provenAccept, 0])),
  packet('accept-plain-with-identity', 'range', forged(provenAccept, 2, [0, 0])),
  packet('accept-version-2', 'version', forged(accept, 1, [2])),
  packet('accept-window-0', 'range', forged(accept, 22, [0, 0, 0, 0])),
  packet('accept-credit-2-to-the-64', 'range', forged(accept, 32, ff8)),
  packet('accept-wrong-crc', 'checksum', patched(accept, 125, [(accept[125] as number) ^ 0x80])),
  packet('version-count-0', 'range', forged(version, 10, [0])),
  packet('version-count-9', 'range', forged(version, 10, [9])),
  packet('version-count-beyond-the-end', 'truncated', forged(version, 10, [3])),
  packet('version-count-before-the-end', 'length', forged(version, 10, [1])),
  packet('version-of-a-version', 'version', forged(version, 1, [1])),
  packet('refuse-truncated', 'truncated', refuse.subarray(0, 15)),
  packet('refuse-one-byte-more', 'length', Uint8Array.from([...refuse, 0])),
  packet('refuse-wrong-crc', 'checksum', patched(refuse, 11, [6])),
  packet('protected-without-room-for-a-frame', 'truncated', plain.subarray(0, 19)),
  packet('plain-wrong-crc', 'tag', patched(plain, 19, [(plain[19] as number) ^ 1])),
];

const ack = naiveFrame(ACK).bytes;
const data = naiveFrame(DATA).bytes;
const ping = 0x01;

const frameAreas: MalformedVector[] = [
  frames('no-frame', 'empty', new Uint8Array(0)),
  frames('frame-type-unknown', 'type', Uint8Array.from([ping, 0x08])),
  frames('ack-cut-before-its-ranges', 'truncated', ack.subarray(0, 19)),
  frames('ack-cut-in-its-ranges', 'truncated', ack.subarray(0, ack.length - 1)),
  frames('ack-no-range', 'range', patched(ack, 19, [0])),
  frames('ack-65-ranges', 'range', patched(ack, 19, [65])),
  frames('ack-first-gap-1', 'range', patched(ack, 20, [0, 0, 0, 1])),
  frames('ack-later-gap-0', 'range', patched(ack, 28, [0, 0, 0, 0])),
  frames('ack-length-0', 'range', patched(ack, 32, [0, 0, 0, 0])),
  frames('ack-below-number-0', 'range', patched(ack, 40, [0xff, 0xff, 0xff, 0xff])),
  frames(
    'ack-one-below-number-0',
    'range',
    patched(
      naiveFrame({ kind: 'ack', largest: 2, ackDelay: 0, cumulative: 0, ranges: [{ start: 0, end: 3 }] }).bytes,
      24,
      [0, 0, 0, 4],
    ),
  ),
  frames('ack-cumulative-2-to-the-53', 'range', patched(ack, 11, [0, 0x20, 0, 0, 0, 0, 0, 0])),
  frames('data-cut-in-its-header', 'truncated', data.subarray(0, 11)),
  frames('data-cut-in-its-payload', 'truncated', data.subarray(0, data.length - 1)),
  frames('data-reserved-flag', 'range', patched(data, 1, [2])),
  frames('data-empty-without-fin', 'range', patched(data.subarray(0, 12), 10, [0, 0])),
  frames('data-beyond-2-to-the-53', 'range', patched(data, 2, [0, 0x1f, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff])),
  frames('data-offset-2-to-the-64', 'range', patched(data, 2, ff8)),
  frames('two-data-frames', 'repeated', Uint8Array.from([...data, ...data])),
  frames('credit-truncated', 'truncated', Uint8Array.from([0x04, 0, 0, 0, 0, 0, 0, 0])),
  frames('credit-2-to-the-53', 'range', Uint8Array.from([0x04, 0, 0x20, 0, 0, 0, 0, 0, 0])),
  frames('path-challenge-truncated', 'truncated', Uint8Array.from([0x05, ...ramp(1, 7)])),
  frames('path-response-truncated', 'truncated', Uint8Array.from([0x06, ...ramp(1, 7)])),
  frames('close-truncated', 'truncated', Uint8Array.from([0x07, 0, 0])),
  frames('close-reason-beyond-the-end', 'truncated', Uint8Array.from([0x07, 0, 0, 2, 0x41])),
];

const offer = naiveMessage({
  kind: 'offer',
  entry: 0,
  entryKind: 'file',
  size: 1,
  mtime: undefined,
  mode: undefined,
  fresh: false,
  path: [text('a')],
  target: text(''),
}).bytes;
const end = naiveMessage({ kind: 'end', entry: 0, size: 13, digest: sha256(CONTENT) }).bytes;
const verdict = naiveMessage({
  kind: 'verdict',
  entry: 0,
  verdict: 'accept',
  code: 0,
  offset: 0,
  text: text(''),
}).bytes;
const abort = naiveMessage({ kind: 'abort', entry: 0, code: 8, text: text('gone') }).bytes;

const prefix = naiveMessage({ kind: 'prefix', entry: 0, offset: 0, digests: [sha256(CONTENT)] }).bytes;
const missing = naiveMessage({ kind: 'missing', entry: 0, offset: 0, isMissing: [false, true, false] }).bytes;

const streams: MalformedVector[] = [
  messages('message-type-unknown', 'type', naiveMessageAround(0x08, new Layout().zeros('body', 4)).bytes),
  messages('message-longer-than-4096', 'length', Uint8Array.from([0x01, 0, 0, 0x10, 0x01])),
  messages('early-longer-than-256-kibibytes', 'length', Uint8Array.from([0x07, 0, 4, 0, 13])),
  messages('content-without-bytes', 'length', Uint8Array.from([0x02, 0, 0, 0, 12])),
  messages('content-longer-than-1-mebibyte', 'length', Uint8Array.from([0x02, 0, 0x10, 0, 13])),
  messages(
    'content-beyond-2-to-the-53',
    'field',
    naiveMessageAround(
      2,
      new Layout()
        .uint('entry', 4, 0)
        .uint('offset', 8, 2 ** 53 - 1)
        .zeros('bytes', 1),
    ).bytes,
  ),
  messages('offer-kind-3', 'field', patched(offer, 9, [3])),
  messages('offer-unknown-flag', 'field', patched(offer, 10, [17])),
  messages('offer-size-2-to-the-53', 'field', patched(offer, 11, [0, 0x20, 0, 0, 0, 0, 0, 0])),
  messages('offer-no-component', 'field', patched(offer, 29, [0])),
  messages('offer-65-components', 'field', patched(offer, 29, [65])),
  messages('offer-empty-component', 'field', patched(offer, 30, [0])),
  messages('offer-component-beyond-the-body', 'length', patched(offer, 30, [4])),
  messages('offer-file-with-target', 'field', Uint8Array.from([...patched(offer, 4, [30]).subarray(0, -1), 1, 0x62])),
  messages('offer-bytes-after-its-end', 'length', Uint8Array.from([...patched(offer, 4, [30]), 0])),
  messages('end-algorithm-2', 'field', patched(end, 17, [2])),
  messages('end-too-short', 'length', naiveMessageAround(3, new Layout().zeros('body', 44)).bytes),
  messages('abort-code-0', 'field', patched(abort, 9, [0, 0])),
  messages('abort-text-beyond-the-body', 'length', patched(abort, 11, [0, 5])),
  messages('done-too-long', 'length', naiveMessageAround(5, new Layout().zeros('body', 5)).bytes),
  messages('verdict-4', 'field', patched(verdict, 9, [4])),
  messages('verdict-offset-2-to-the-53', 'field', patched(verdict, 12, [0, 0x20, 0, 0, 0, 0, 0, 0])),
  messages('prefix-no-digest', 'length', naiveMessageAround(6, new Layout().zeros('body', 14)).bytes),
  messages('prefix-count-0', 'field', patched(prefix, 17, [0, 0])),
  messages('prefix-count-65', 'field', patched(prefix, 17, [0, 65])),
  messages('prefix-count-beyond-the-body', 'length', patched(prefix, 17, [0, 2])),
  messages('prefix-inside-a-chunk', 'field', patched(prefix, 16, [1])),
  messages('prefix-beyond-2-to-the-53', 'field', patched(prefix, 9, [0, 0x1f, 0xff, 0xff, 0xff, 0xf0, 0, 0])),
  messages('missing-no-bits', 'length', naiveMessageAround(0x13, new Layout().zeros('body', 14)).bytes),
  messages('missing-count-0', 'field', patched(missing, 17, [0, 0])),
  messages('missing-count-65', 'field', patched(missing, 17, [0, 65])),
  messages('missing-count-beyond-the-body', 'length', patched(missing, 17, [0, 9])),
  messages('missing-inside-a-chunk', 'field', patched(missing, 15, [0x08])),
  messages('missing-spare-bit', 'field', patched(missing, 19, [0b0101_0000])),
];

export const malformedVectors: readonly MalformedVector[] = [...packets, ...frameAreas, ...streams];
