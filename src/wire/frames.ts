import { ACK_TYPE, type Ack, ackLength, decodeAck } from './ack-frame.ts';
import { CLOSE_TYPE, type Close, closeLength, decodeClose } from './close-frame.ts';
import { CREDIT_LENGTH, CREDIT_TYPE, type Credit, decodeCredit } from './credit-frame.ts';
import { DATA_TYPE, type Data, dataLength, decodeData } from './data-frame.ts';
import { type Malformed, malformed } from './malformed.ts';
import { decodePath, PATH_CHALLENGE_TYPE, PATH_LENGTH, PATH_RESPONSE_TYPE, type Path } from './path-frame.ts';

const PAD_TYPE = 0x00;
const PING_TYPE = 0x01;
/** Bytes of a PING. */
export const PING_LENGTH = 1;

/** Asks for an ACK. */
interface Ping {
  readonly kind: 'ping';
}

/** PAD is not among them: it says nothing. */
export type Frame = Ping | Ack | Data | Credit | Path | Close;

// One for all: a datagram full of PINGs costs no more than its array.
const PING: Ping = { kind: 'ping' };

/** Writes a PING at `at`; returns the next offset. */
export function encodePing(out: Uint8Array, at: number): number {
  out[at] = PING_TYPE;
  return at + PING_LENGTH;
}

/** Writes PADs from `at` up to `end`, end excluded; returns `end`. */
export function encodePad(out: Uint8Array, at: number, end: number): number {
  out.fill(PAD_TYPE, at, end);
  return end;
}

/** Whether the peer must acknowledge a packet with this frame (RFC 9002 section 2). */
export function isAckEliciting(frame: Frame): boolean {
  return frame.kind !== 'ack' && frame.kind !== 'close';
}

/**
 * All frames of bytes start..end in order, PADs left out, or the reason why they are not frames: then none of them
 * counts. Never throws. DATA holds a view of the datagram, everything else is copied.
 */
export function decodeFrames(datagram: Uint8Array, start: number, end: number): Frame[] | Malformed {
  if (start >= end) return malformed('empty');
  let frames: Frame[] | undefined;
  let dataSeen = false;
  let at = start;
  while (at < end) {
    if (datagram[at] === PAD_TYPE) {
      at += 1;
      continue;
    }
    const frame = decodeFrame(datagram, at, end);
    if (frame.kind === 'malformed') return frame;
    if (frame.kind === 'data') {
      if (dataSeen) return malformed('repeated');
      dataSeen = true;
    }
    // Most packets hold one frame: a list made with it takes a tenth of what one that grows to it does.
    if (frames === undefined) frames = [frame];
    else frames.push(frame);
    at += frameLength(frame);
  }
  return frames ?? [];
}

function decodeFrame(datagram: Uint8Array, at: number, end: number): Frame | Malformed {
  switch (datagram[at]) {
    case PING_TYPE:
      return PING;
    case ACK_TYPE:
      return decodeAck(datagram, at, end);
    case DATA_TYPE:
      return decodeData(datagram, at, end);
    case CREDIT_TYPE:
      return decodeCredit(datagram, at, end);
    case PATH_CHALLENGE_TYPE:
    case PATH_RESPONSE_TYPE:
      return decodePath(datagram, at, end);
    case CLOSE_TYPE:
      return decodeClose(datagram, at, end);
    default:
      return malformed('type');
  }
}

/** Bytes of a frame as decoded. */
function frameLength(frame: Frame): number {
  switch (frame.kind) {
    case 'ping':
      return PING_LENGTH;
    case 'ack':
      return ackLength(frame.ranges.length);
    case 'data':
      return dataLength(frame.bytes.length);
    case 'credit':
      return CREDIT_LENGTH;
    case 'path-challenge':
    case 'path-response':
      return PATH_LENGTH;
    case 'close':
      return closeLength(frame.reason.length);
  }
}
