import { type Accept, encodeAccept } from '../../src/wire/accept.ts';
import { encodeAck } from '../../src/wire/ack-frame.ts';
import { encodeClose } from '../../src/wire/close-frame.ts';
import { type Cookie, encodeCookie } from '../../src/wire/cookie.ts';
import { encodeCredit } from '../../src/wire/credit-frame.ts';
import { encodeData } from '../../src/wire/data-frame.ts';
import { encodePing, type Frame } from '../../src/wire/frames.ts';
import { encodeHello, type Hello } from '../../src/wire/hello.ts';
import { encodePathChallenge, encodePathResponse } from '../../src/wire/path-frame.ts';
import { plainProtection } from '../../src/wire/plain-protection.ts';
import { type ProtectedPacket, writeProtectedHeader } from '../../src/wire/protected-header.ts';
import { encodeRefuse, type Refuse } from '../../src/wire/refuse.ts';
import { encodeVersion, type Version } from '../../src/wire/version.ts';

// The codec's encoders behind two functions. Their buffer is full of 0xaa: a byte left unwritten shows.

const dirty = (): Uint8Array => new Uint8Array(70_000).fill(0xaa);

/** Writes the frame at `at`; returns the next offset. */
export function writeFrame(out: Uint8Array, at: number, frame: Frame): number {
  switch (frame.kind) {
    case 'ping':
      return encodePing(out, at);
    case 'ack':
      return encodeAck(out, at, frame);
    case 'data': {
      const payload = encodeData(out, at, frame.offset, frame.fin, frame.bytes.length);
      out.set(frame.bytes, payload);
      return payload + frame.bytes.length;
    }
    case 'credit':
      return encodeCredit(out, at, frame.maximum);
    case 'path-challenge':
      return encodePathChallenge(out, at, frame.token);
    case 'path-response':
      return encodePathResponse(out, at, frame.token);
    case 'close':
      return encodeClose(out, at, frame.code, frame.reason);
  }
}

export function codecFrame(frame: Frame): Uint8Array {
  const out = dirty();
  return out.slice(0, writeFrame(out, 0, frame));
}

export type PlainPacket = Omit<ProtectedPacket, 'kind'> & { readonly frames: readonly Frame[] };

/** `packet` has the fields that its kind needs. */
export function codecPacket(kind: string, packet: unknown): Uint8Array {
  const out = dirty();
  return out.slice(0, encodeAny(out, kind, packet));
}

function encodeAny(out: Uint8Array, kind: string, packet: unknown): number {
  switch (kind) {
    case 'hello':
      return encodeHello(out, packet as Hello);
    case 'cookie':
      return encodeCookie(out, packet as Cookie);
    case 'accept':
      return encodeAccept(out, packet as Accept);
    case 'version':
      return encodeVersion(out, packet as Version);
    case 'refuse':
      return encodeRefuse(out, packet as Refuse);
    case 'protected': {
      const { keyPhase, connectionId, packetNumber, frames } = packet as PlainPacket;
      let at = writeProtectedHeader(out, keyPhase, connectionId, packetNumber);
      for (const frame of frames) at = writeFrame(out, at, frame);
      return plainProtection.seal(out, packetNumber, at);
    }
    default:
      throw new Error(`no packet is called ${kind}`);
  }
}
