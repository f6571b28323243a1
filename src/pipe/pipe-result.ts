import type { Readable, Writable } from 'node:stream';
import type { Bytes, Millis } from '../base/units.ts';
import type { ChannelStats } from '../channel/stats.ts';
import { UdpcpError } from '../errors.ts';
import type { ChannelChoice, LiveChannels } from '../net/live-channels.ts';
import { type SessionSecurity, securityOf } from '../security.ts';
import type { SessionConfig } from '../session/config.ts';
import type { Session } from '../session/session.ts';
import type { SessionStats } from '../session/stats.ts';
import { StreamReader } from '../store/stream-reader.ts';
import { StreamWriter } from '../store/stream-writer.ts';
import type { PipeTransfer } from '../transfer/pipe.ts';
import type { PipeEnds } from '../transfer/pipe-session.ts';

/** What a pipe joins to the other side: it reads the one to its end or destroys it, and writes and ends the other. */
export interface PipeStreams {
  readonly input: Readable;
  readonly output: Writable;
}

/** What both sides of a pipe may choose. */
export interface PipeOptions {
  /** 9000 unless given. */
  readonly port?: number | undefined;
  readonly session?: Partial<SessionConfig> | undefined;
  /** Largest IP packet to send, 1228 (IPv6: 1248) to 65,535 bytes. */
  readonly mtu?: Bytes | undefined;
  /** A bad network to try it on. */
  readonly channel?: ChannelChoice | undefined;
  /** Ends the pipe and tells the other side so. */
  readonly signal?: AbortSignal | undefined;
  /** Told once how the session is protected, and who the other side is, as soon as there is one. */
  readonly onSecured?: ((security: SessionSecurity, peer: string) => void) | undefined;
}

/** What went through a pipe. */
export interface PipeResult {
  readonly bytesSent: Bytes;
  readonly bytesReceived: Bytes;
  /** From the first HELLO, or for the side that was called from the pipe's beginning, to the end. */
  readonly elapsed: Millis;
  /** Undefined: no session came about. */
  readonly security: SessionSecurity | undefined;
  readonly stats: SessionStats | undefined;
  readonly srtt: Millis | undefined;
  /** Undefined: no channel was asked for. */
  readonly channel: { readonly out: ChannelStats; readonly in: ChannelStats } | undefined;
}

/** A pipe that did not end as it should; `result` tells what went through it. */
export class PipeError extends UdpcpError {
  declare readonly result: PipeResult;

  constructor(cause: UdpcpError, result: PipeResult) {
    super(cause.code, cause.message, { cause: cause.cause });
    this.result = result;
  }
}

/** The streams as a pipe's host sees them. */
export function endsOf({ input, output }: PipeStreams, wake: () => void): PipeEnds {
  const writer = new StreamWriter(output);
  writer.onNews(wake);
  return { input: new StreamReader(input, wake), output: writer };
}

export function resultOf(
  session: Session | undefined,
  transfer: PipeTransfer | undefined,
  elapsed: Millis,
  channels: LiveChannels,
): PipeResult {
  return {
    bytesSent: transfer?.bytesSent ?? 0,
    bytesReceived: transfer?.bytesReceived ?? 0,
    elapsed,
    security: session && securityOf(session),
    stats: session?.stats,
    srtt: session?.rtt.latest === undefined ? undefined : session.rtt.srtt,
    channel: channels.stats(),
  };
}

/** The result, unless there is a failure: then throws PipeError with it. */
export function settle(failure: UdpcpError | undefined, result: PipeResult): PipeResult {
  if (failure !== undefined) throw new PipeError(failure, result);
  return result;
}
