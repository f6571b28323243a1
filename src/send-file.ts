import { sendToFirst } from './address-race.ts';
import type { Bytes, Millis } from './base/units.ts';
import { UdpcpError } from './errors.ts';
import { DEFAULT_PORT } from './net/address.ts';
import { ANY_ADDRESS, checkMtu } from './net/interface-mtu.ts';
import { type ChannelChoice, createChannels, isTransparent } from './net/live-channels.ts';
import { resolveHost } from './net/resolve.ts';
import { printable } from './printable.ts';
import { initiatorAgreement, type SendSecurity, type SessionSecurity, securityOf } from './security.ts';
import { failureOf } from './send-failure.ts';
import type { SendResult, SentFile } from './send-result.ts';
import { type SessionConfig, sessionConfig } from './session/config.ts';
import type { SessionStats } from './session/stats.ts';
import { type Gathered, type GatherOptions, gather } from './store/outgoing-tree.ts';
import type { SendEntry } from './store/tree-entry.ts';
import type { EntryOutcome } from './transfer/outcome.ts';
import type { Sender } from './transfer/sender.ts';
import { MAX_DATAGRAM, MIN_DATAGRAM } from './wire/limits.ts';

/** Where to send, and how. */
export interface SendOptions extends GatherOptions {
  readonly host: string;
  /** 9000 unless given. */
  readonly port?: number | undefined;
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
  readonly bytesTotal: Bytes;
  /** Files, directories and links whose outcome is known, and all of them. */
  readonly filesDone: number;
  readonly files: number;
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
 * Sends files and directories to a receiver. Resolves when the receiver has verified, stored and published every one of
 * them (or skipped it by its own policy). Rejects with UdpcpError before anything is sent, with SendError after that.
 */
export async function sendFile(paths: string | readonly string[], options: SendOptions): Promise<SendResult> {
  const { host, port = DEFAULT_PORT, mtu, security = {}, signal, onSecured, onProgress } = options;
  const { protection } = initiatorAgreement(security); // before anything is opened: it may contradict itself
  checkMtu(mtu, ANY_ADDRESS);
  const { entries, leftOut } = await gatherNamed(paths, options);
  const addresses = await untilCancelled(resolveHost(host), signal);
  const channels = await createChannels(options.channel);
  // Experiments do not depend on the machine's network: through a bad one datagrams stay small.
  const maxDatagram = isTransparent(channels) || mtu !== undefined ? MAX_DATAGRAM : MIN_DATAGRAM;
  const configured = sessionConfig({ maxDatagram, ...options.session });
  const { end, sender, elapsed } = await sendToFirst(addresses, {
    entries,
    port,
    session: configured,
    mtu,
    agree: () => initiatorAgreement(security),
    channels,
    signal,
    onSession: onSecured && ((session) => onSecured(securityOf(session))),
    onProgress: onProgress && ((sender) => onProgress(progressOf(sender, entries))),
  });

  const { session } = sender;
  const result: SendResult = {
    files: entries.map((entry, i) => describe(entry, end.outcomes[i])),
    leftOut,
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

/** What `sendFile` would send of these paths, and nothing is sent. Rejects with UdpcpError. */
export async function gatherNamed(paths: string | readonly string[], options: GatherOptions): Promise<Gathered> {
  const list = typeof paths === 'string' ? [paths] : paths;
  if (list.length === 0) throw new UdpcpError('ERR_USAGE', 'name at least one file to send');
  if (options.as !== undefined && list.length > 1) {
    throw new UdpcpError('ERR_USAGE', 'one name for several files: send them one by one to rename them');
  }
  return gather(list, options);
}

/** Rejects with UdpcpError ERR_CANCELLED as soon as the signal comes; the work goes on and nobody listens. */
function untilCancelled<Result>(work: Promise<Result>, signal: AbortSignal | undefined): Promise<Result> {
  return new Promise((resolve, reject) => {
    const cancel = (): void => reject(new UdpcpError('ERR_CANCELLED', 'interrupted before anything was sent'));
    if (signal?.aborted) cancel();
    signal?.addEventListener('abort', cancel, { once: true });
    void work.then(resolve, reject).finally(() => signal?.removeEventListener('abort', cancel));
  });
}

function progressOf(sender: Sender, entries: readonly SendEntry[]): SendProgress {
  const { session, transfer } = sender;
  const progress = transfer?.progress;
  const unacknowledged = session?.unacknowledged ?? 0;
  // What was read is not yet what arrived: the last file is under way until all of it is acknowledged.
  const index = progress?.current ?? (unacknowledged > 0 ? entries.length - 1 : undefined);
  const current = index === undefined ? undefined : entries[index];
  return {
    name: current && printable(current.offer.path.at(-1) ?? ''),
    bytes: Math.max(0, (progress?.bytes ?? 0) - unacknowledged),
    bytesTotal: progress?.bytesTotal ?? entries.reduce((sum, { offer }) => sum + (offer.size ?? 0), 0),
    filesDone: progress?.entriesDone ?? 0,
    files: entries.length,
    stats: session?.stats,
    srtt: session?.rtt.latest === undefined ? undefined : session.rtt.srtt,
  };
}

function describe({ local: path, offer }: SendEntry, outcome: EntryOutcome | undefined): SentFile {
  const kind = offer.entryKind;
  if (outcome === undefined) {
    return { path, kind, status: 'unknown', code: -1, text: 'not finished', size: undefined, sha256: undefined };
  }
  const { status, code, text, size, digest } = outcome;
  const sha256 = digest && Buffer.from(digest).toString('hex');
  return { path, kind, status, code, text: printable(text), size, sha256 };
}
