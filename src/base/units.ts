/**
 * Numbers that carry their unit. The brand is optional: plain arithmetic needs no cast, while a value of one unit
 * passed where another is expected does not compile.
 */
declare const unit: unique symbol;
type Unit<Name extends string> = number & { readonly [unit]?: Name };

/** A point or a span on the injected clock, in milliseconds; fractions allowed. */
export type Millis = Unit<'ms'>;
/** A count of bytes: UDP payload, stream or file, as the name says. */
export type Bytes = Unit<'bytes'>;
/** A rate, in bytes per millisecond. */
export type BytesPerMilli = Unit<'bytes/ms'>;
/** Names one transmission, 48 bits, never reused (PROTOCOL.md section 4). */
export type PacketNumber = Unit<'pn'>;
/** Names a byte of a stream, from 0; at most 2^53 - 1. */
export type StreamOffset = Unit<'offset'>;
