import { sendToFirst } from './address-race.ts';
import type { Bytes, Millis } from './base/units.ts';
import { UdpcpError } from './errors.ts';
import { DEFAULT_PORT } from './net/address.ts';
import { ANY_ADDRESS, checkMtu } from './net/interface-mtu.ts';
import { type ChannelChoice, createChannels } from './net/live-channels.ts';
import { resolveHost } from './net/resolve.ts';
import { printable } from './printable.ts';
import { initiatorAgreement, type SendSecurity, type SessionSecurity, securityOf } from './security.ts';
import type { Sending } from './send-attempt.ts';
import { failureOf } from './send-failure.ts';
import type { SendResult, SentFile } from './send-result.ts';
import type { SessionConfig } from './session/config.ts';
import type { SessionStats } from './session/stats.ts';
import { callerConfig } from './session-choices.ts';
import { openSource } from './store/open-source.ts';
import { type NamedStream, streamEntry } from './store/stream-source.ts';
import type { EntryOutcome } from './transfer/outcome.ts';
import type { OutgoingEntry } from './transfer/ports.ts';
import { Sender } from './transfer/sender.ts';
import { untilCancelled } from './until-cancelled.ts';

/** The path of a file, or a stream of unknown length with the name that it gets. */
export type SendInput = string | NamedStream;

/** Where to send, and how. */
export interface SendOptions {
  readonly host: string;
  /** 9000 unless given. */
  readonly port?: number | undefined;
  /** The name the receiver is offered, for a single file. */
  readonly as?: string | undefined;
  readonly session?: Partial<SessionConfig> | undefined;
  /** Encrypted unless told otherwise. */
  readonly security?: SendSecurity | undefined;
  /** Largest IP packet to send, 1228 (IPv6: 1248) to 65,535 bytes; what the interface carries unless given. */
  readonly mtu?: Bytes | undefined;
  /** A bad network to try it on. */
  readonly channel?: ChannelChoice | undefined;
  /** Ends the transfer and tells the receiver so. */
  readonly signal?: AbortSignal | undefined;
  /** Told once how the session is protected, as soon as there is one. */
  readonly onSecured?: ((security: SessionSecurity) => void) | undefined;
  /** Called ten times a second while it runs. */
  readonly onProgress?: ((progress: SendProgress) => void) | undefined;
}

/** How far a sending is. */
export interface SendProgress {
  /** The name being sent, printable; undefined before the first and after the last. */
  readonly name: string | undefined;
  /** Content that the receiver has acknowledged. */
  readonly bytes: Bytes;
  /** Undefined: a stream is among what is sent, and nobody knows how long it is. */
  readonly bytesTotal: Bytes | undefined;
  readonly filesDone: number;
  /** Undefined before there is a session. */
  readonly stats: SessionStats | undefined;
  readonly srtt: Millis | undefined;
}

/** A sending that did not store every file; `result` tells what is known of each. */
export class SendError extends UdpcpError {
  declare readonly result: SendResult;

  constructor(cause: UdpcpError, result: SendResult) {
    super(cause.code, cause.message, { cause: cause.cause });
    this.result = result;
  }
}

/**
 * Sends files, or streams under a name, to a receiver. Resolves when the receiver has verified, stored and published every one of them (or
 * skipped it by its own policy). Rejects with UdpcpError before anything is sent, with SendError after that.
 */
export async function sendFile(inputs: SendInput | readonly SendInput[], options: SendOptions): Promise<SendResult> {
  const list: readonly SendInput[] = isList(inputs) ? inputs : [inputs];
  if (list.length === 0) throw new UdpcpError('ERR_USAGE', 'name at least one file to send');
  if (options.as !== undefined && list.length > 1) {
    throw new UdpcpError('ERR_USAGE', 'one name for several files: send them one by one to rename them');
  }
  const { host, port = DEFAULT_PORT, mtu, security = {}, signal, onSecured, onProgress } = options;
  const { protection } = initiatorAgreement(security); // before anything is opened: it may contradict itself
  checkMtu(mtu, ANY_ADDRESS);
  const entries: OutgoingEntry[] = [];
  for (const input of list) entries.push(await openInput(input, options.as));
  const addresses = await untilCancelled(resolveHost(host), signal);
  const channels = await createChannels(options.channel);
  const configured = callerConfig(options, channels);
  const { end, caller, elapsed } = await sendToFirst(addresses, {
    caller: (now, config, prng, peer, agreement, wake) => new Sender(now, entries, config, prng, peer, agreement, wake),
    port,
    session: configured,
    mtu,
    agree: () => initiatorAgreement(security),
    channels,
    signal,
    onSession: onSecured && ((session) => onSecured(securityOf(session))),
    onProgress: onProgress && ((sender) => onProgress(progressOf(sender, entries))),
  });

  const { session } = caller;
  const result: SendResult = {
    files: list.map((input, i) => describe(pathOf(input), end.outcomes[i])),
    elapsed,
    terms: session?.terms,
    security: session && securityOf(session),
    datagramSize: session?.datagramSize,
    stats: session?.stats,
    srtt: session?.rtt.latest === undefined ? undefined : session.rtt.srtt,
    channel: channels.stats(),
  };
  const idleTimeout = session?.terms.idleTimeout ?? configured.idleTimeout;
  const { connectTimeout } = configured;
  const { trust } = security;
  const called = { host, port, connectTimeout, idleTimeout, protection, trust };
  const failure = failureOf(end, result.files, called);
  if (failure !== undefined) throw new SendError(failure, result);
  return result;
}

/** Makes those who send these entries. */
export function senderOf(entries: readonly OutgoingEntry[]): Sending<Sender>['caller'] {
  return (now, ...parts) => new Sender(now, entries, ...parts);
}

function isList(inputs: SendInput | readonly SendInput[]): inputs is readonly SendInput[] {
  return Array.isArray(inputs);
}

async function openInput(input: SendInput, as: string | undefined): Promise<OutgoingEntry> {
  if (typeof input !== 'string') return streamEntry({ ...input, name: as ?? input.name });
  return openSource(input, as === undefined ? {} : { as });
}

const pathOf = (input: SendInput): string => (typeof input === 'string' ? input : input.name);

function progressOf(sender: Sender, entries: readonly OutgoingEntry[]): SendProgress {
  const { session, transfer } = sender;
  const progress = transfer?.progress;
  const unacknowledged = session?.unacknowledged ?? 0;
  // What was read is not yet what arrived: the last file is under way until all of it is acknowledged.
  const index = progress?.current ?? (unacknowledged > 0 ? entries.length - 1 : undefined);
  const current = index === undefined ? undefined : entries[index];
  return {
    name: current && printable(current.offer.path.at(-1) ?? ''),
    bytes: Math.max(0, (progress?.bytes ?? 0) - unacknowledged),
    bytesTotal: entries.some(({ offer }) => offer.size === undefined)
      ? undefined
      : (progress?.bytesTotal ?? entries.reduce((sum, { offer }) => sum + (offer.size ?? 0), 0)),
    filesDone: progress?.entriesDone ?? 0,
    stats: session?.stats,
    srtt: session?.rtt.latest === undefined ? undefined : session.rtt.srtt,
  };
}

function describe(path: string, outcome: EntryOutcome | undefined): SentFile {
  if (outcome === undefined) {
    return { path, status: 'unknown', code: -1, text: 'not finished', size: undefined, sha256: undefined };
  }
  const { status, code, text, size, digest } = outcome;
  return { path, status, code, text: printable(text), size, sha256: digest && Buffer.from(digest).toString('hex') };
}
