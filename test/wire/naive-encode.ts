import type { Accept } from '../../src/wire/accept.ts';
import type { Ack } from '../../src/wire/ack-frame.ts';
import type { ConnectionId } from '../../src/wire/connection-id.ts';
import type { Cookie } from '../../src/wire/cookie.ts';
import type { Frame } from '../../src/wire/frames.ts';
import type { Hello } from '../../src/wire/hello.ts';
import type { ProtectedPacket } from '../../src/wire/protected-header.ts';
import type { Refuse } from '../../src/wire/refuse.ts';
import type { Terms } from '../../src/wire/terms.ts';
import type { Version } from '../../src/wire/version.ts';
import { Layout } from './layout.ts';

// The oracle: PROTOCOL.md section 4 and 5 word by word, sharing types with the codec and nothing else.

const id = (value: ConnectionId): bigint => (BigInt(value.hi) << 32n) | BigInt(value.lo);

function choices(layout: Layout, terms: Terms): Layout {
  return layout
    .uint('protection', 1, { plain: 0, noise: 1, 'noise-psk': 2 }[terms.protection])
    .uint('suite', 1, terms.suite)
    .uint('arq', 1, { 'stop-and-wait': 0, 'go-back-n': 1, 'selective-repeat': 2 }[terms.arq])
    .uint('reserved', 1, 0);
}

function limits(layout: Layout, terms: Terms): Layout {
  return layout
    .uint('window', 4, terms.window)
    .uint('maxDatagram', 2, terms.maxDatagram)
    .uint('idleTimeout', 4, terms.idleTimeout)
    .uint('credit', 8, terms.credit)
    .uint('maxAckDelay', 2, terms.maxAckDelay);
}

/** `length`: of the whole packet. */
export function naiveHello(hello: Omit<Hello, 'kind'>, version = 1, length = 1200): Layout {
  const layout = choices(new Layout().uint('type', 1, 0x01).uint('version', 1, version), hello);
  limits(layout.uint('initiatorId', 8, id(hello.initiatorId)), hello);
  layout.raw('cookie', hello.cookie ?? new Uint8Array(24)).raw('keyAgreement', hello.keyAgreement);
  return layout.zeros('padding', length - 4 - 138).crc();
}

export function naiveCookie(cookie: Omit<Cookie, 'kind'>, version = 1): Layout {
  const layout = new Layout().uint('type', 1, 0x02).uint('version', 1, version);
  return layout.uint('initiatorId', 8, id(cookie.initiatorId)).raw('cookie', cookie.cookie).crc();
}

export function naiveAccept(accept: Omit<Accept, 'kind'>, version = 1): Layout {
  const layout = choices(new Layout().uint('type', 1, 0x03).uint('version', 1, version), accept);
  layout.uint('initiatorId', 8, id(accept.initiatorId)).uint('acceptorId', 8, id(accept.acceptorId));
  return limits(layout, accept).raw('keyAgreement', accept.keyAgreement).crc();
}

export function naiveVersion(packet: Omit<Version, 'kind'>, version = 0): Layout {
  const layout = new Layout().uint('type', 1, 0x04).uint('version', 1, version);
  layout.uint('initiatorId', 8, id(packet.initiatorId)).uint('count', 1, packet.versions.length);
  return layout.raw('versions', Uint8Array.from(packet.versions)).crc();
}

export function naiveRefuse(refuse: Omit<Refuse, 'kind'>, version = 1): Layout {
  const layout = new Layout().uint('type', 1, 0x05).uint('version', 1, version);
  return layout.uint('initiatorId', 8, id(refuse.initiatorId)).uint('reason', 2, refuse.reason).crc();
}

export function naiveHeader(packet: Omit<ProtectedPacket, 'kind'>): Layout {
  return new Layout()
    .uint('type', 1, 0x40 | packet.keyPhase)
    .uint('connectionId', 8, id(packet.connectionId))
    .uint('packetNumber', 6, packet.packetNumber);
}

/** A protected packet under plain protection. */
export function naivePlainPacket(packet: Omit<ProtectedPacket, 'kind'>, frames: readonly Layout[]): Layout {
  const layout = naiveHeader(packet);
  for (const [index, frame] of frames.entries()) layout.append(`frame ${index} `, frame);
  return layout.crc();
}

export const naivePad = (count: number): Layout => new Layout().zeros('padding', count);

export function naiveFrame(frame: Frame): Layout {
  const layout = new Layout();
  switch (frame.kind) {
    case 'ping':
      return layout.uint('type', 1, 0x01);
    case 'ack':
      return naiveAck(layout, frame);
    case 'data':
      layout
        .uint('type', 1, 0x03)
        .uint('flags', 1, frame.fin ? 1 : 0)
        .uint('offset', 8, frame.offset);
      return layout.counted('bytes', 2, frame.bytes);
    case 'credit':
      return layout.uint('type', 1, 0x04).uint('maximum', 8, frame.maximum);
    case 'path-challenge':
      return layout.uint('type', 1, 0x05).raw('token', frame.token);
    case 'path-response':
      return layout.uint('type', 1, 0x06).raw('token', frame.token);
    case 'close':
      return layout.uint('type', 1, 0x07).uint('code', 2, frame.code).counted('reason', 1, frame.reason);
  }
}

function naiveAck(layout: Layout, ack: Ack): Layout {
  layout.uint('type', 1, 0x02).uint('largest', 6, ack.largest);
  layout.uint('ackDelay', 4, Math.min(Math.round(ack.ackDelay * 1000), 0xffffffff));
  layout.uint('cumulative', 8, ack.cumulative).uint('count', 1, ack.ranges.length);
  let previousStart = ack.largest + 1;
  for (const [index, range] of ack.ranges.entries()) {
    layout.uint(`gap ${index}`, 4, previousStart - range.end).uint(`length ${index}`, 4, range.end - range.start);
    previousStart = range.start;
  }
  return layout;
}
