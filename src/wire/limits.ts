import type { Bytes, Millis, PacketNumber, StreamOffset } from '../base/units.ts';

/** The version of the protocol that this code speaks. */
export const VERSION = 1;

/** Every path must carry datagrams of this size; a HELLO has it (RFC 9000 section 14.1 sets the same floor). */
export const MIN_DATAGRAM: Bytes = 1200;
/** The largest UDP payload over IPv4. */
export const MAX_DATAGRAM: Bytes = 65_507;

/** The largest ARQ window, in packets. */
export const MAX_WINDOW = 1_048_576;

export const MIN_IDLE_TIMEOUT: Millis = 1000;
export const MAX_IDLE_TIMEOUT: Millis = 86_400_000;
export const MAX_MAX_ACK_DELAY: Millis = 1000;

/** After this number a session can send no more. */
export const MAX_PACKET_NUMBER: PacketNumber = 2 ** 48 - 1;
/** Wider than any file, and exact in a double. */
export const MAX_STREAM_OFFSET: StreamOffset = Number.MAX_SAFE_INTEGER;
