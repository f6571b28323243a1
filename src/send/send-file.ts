import type { Bytes, Millis } from '../base/units.ts';
import { callerConfig } from '../call/session-choices.ts';
import { untilCancelled } from '../call/until-cancelled.ts';
import { trustOnly } from '../crypto/peer-trust.ts';
import { UdpcpError } from '../errors.ts';
import { DEFAULT_PORT } from '../net/address.ts';
import { ANY_ADDRESS, checkMtu } from '../net/interface-mtu.ts';
import { type ChannelChoice, createChannels } from '../net/live-channels.ts';
import { resolveHost } from '../net/resolve.ts';
import { printable } from '../printable.ts';
import { nameOf } from '../receive/receive-event.ts';
import { initiatorAgreement, type SendSecurity, type SessionSecurity, securityOf } from '../security.ts';
import type { SessionConfig } from '../session/config.ts';
import { type Gathered, type GatherOptions, gather } from '../store/outgoing/outgoing-tree.ts';
import { type NamedStream, streamEntry } from '../store/outgoing/stream-source.ts';
import type { SendEntry } from '../store/outgoing/tree-entry.ts';
import { transferCodeWords } from '../transfer/codes.ts';
import type { EntryOutcome } from '../transfer/outcome.ts';
import type { SenderEnd } from '../transfer/sender.ts';
import { OutcomeWatch } from './outcome-watch.ts';
import { failureOf, gaveUp } from './send-failure.ts';
import { sendPersistently } from './send-persistently.ts';
import type { RetryEvent, SendProgress, SendResumption } from './send-progress.ts';
import type { SendResult, SentFile } from './send-result.ts';

/** The path of a file, or a stream of unknown length with the name that it gets. */
export type SendInput = string | NamedStream;

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
  /** How long to call a receiver again that was lost or is busy, 10 minutes unless given; 0: never. */
  readonly retryFor?: Millis | undefined;
  /** Ends the transfer and tells the receiver so. */
  readonly signal?: AbortSignal | undefined;
  /** Told how a session is protected, as soon as there is one; after a loss there may be another one. */
  readonly onSecured?: ((security: SessionSecurity) => void) | undefined;
  /** Told when a session is lost, before each call for another one, and when there is one. */
  readonly onRetry?: ((event: RetryEvent) => void) | undefined;
  /** Told when a file goes on where an earlier sending stopped. */
  readonly onResume?: ((resumption: SendResumption) => void) | undefined;
  /** Called ten times a second while it runs. */
  readonly onProgress?: ((progress: SendProgress) => void) | undefined;
  /** Told what became of each file, by its place among `files` of the result, soon after it is known; what is never known is told nowhere but in the result. */
  readonly onFile?: ((index: number, file: SentFile) => void) | undefined;
}

/** How long a receiver is called again unless told otherwise. */
const DEFAULT_RETRY_FOR: Millis = 600_000;

/** A sending that did not store every file; `result` tells what is known of each. */
export class SendError extends UdpcpError {
  declare readonly result: SendResult;

  constructor(cause: UdpcpError, result: SendResult) {
    super(cause.code, cause.message, { cause: cause.cause });
    this.result = result;
  }
}

/**
 * Sends files, directories, and streams under a name, to a receiver. Resolves when the receiver has verified, stored and
 * published every one of them (or skipped it by its own policy). A receiver that is lost is called again. Rejects with
 * UdpcpError before anything is sent, with SendError after that.
 */
export async function sendFile(inputs: SendInput | readonly SendInput[], options: SendOptions): Promise<SendResult> {
  const {
    host,
    port = DEFAULT_PORT,
    mtu,
    security = {},
    retryFor = DEFAULT_RETRY_FOR,
    signal,
    onSecured,
    onFile,
  } = options;
  const { protection } = initiatorAgreement(security); // before anything is opened: it may contradict itself
  checkMtu(mtu, ANY_ADDRESS);
  const { entries, leftOut } = await gatherNamed(inputs, options);
  const addresses = await untilCancelled(resolveHost(host), signal);
  const channels = await createChannels(options.channel);
  const configured = callerConfig(options, channels);
  let { idleTimeout } = configured;
  let { trust } = security;
  const describeAll = (end: SenderEnd): SentFile[] => entries.map((entry, i) => describe(entry, end.outcomes[i]));
  const explain = (end: SenderEnd, files: readonly SentFile[] = describeAll(end)): UdpcpError | undefined =>
    failureOf(end, files, { host, port, connectTimeout: configured.connectTimeout, idleTimeout, protection, trust });
  const watch = new OutcomeWatch((index, outcome) => {
    const entry = entries[index];
    if (entry !== undefined) onFile?.(index, describe(entry, outcome));
  });
  const { end, session, stats, elapsed, reconnections, triedFor } = await sendPersistently({
    host,
    addresses,
    entries,
    port,
    session: configured,
    mtu,
    agree: () => initiatorAgreement({ ...security, trust }),
    channels,
    retryFor,
    explain,
    signal,
    onSession: (begun) => {
      idleTimeout = begun.terms.idleTimeout;
      // Whoever has shown who it is must be the same after a loss.
      if (begun.keys.identity !== undefined) trust = trustOnly(begun.keys.identity);
      onSecured?.(securityOf(begun));
    },
    onRetry: options.onRetry,
    onResume: options.onResume,
    onProgress: options.onProgress,
    onOutcomes: onFile && ((outcomes) => watch.look(outcomes)),
  });

  const result: SendResult = {
    files: describeAll(end),
    leftOut,
    reconnections,
    elapsed,
    terms: session?.terms,
    security: session && securityOf(session),
    datagramSize: session?.datagramSize,
    stats,
    srtt: session?.rtt.latest === undefined ? undefined : session.rtt.srtt,
    channel: channels.stats(),
  };
  const failure = explain(end, result.files);
  if (failure !== undefined) throw new SendError(triedFor === undefined ? failure : gaveUp(failure, triedFor), result);
  return result;
}

function isList(inputs: SendInput | readonly SendInput[]): inputs is readonly SendInput[] {
  return Array.isArray(inputs);
}

/** What `sendFile` would send of these, and nothing is sent. Rejects with UdpcpError. */
export async function gatherNamed(inputs: SendInput | readonly SendInput[], options: GatherOptions): Promise<Gathered> {
  const list: readonly SendInput[] = isList(inputs) ? inputs : [inputs];
  if (list.length === 0) throw new UdpcpError('ERR_USAGE', 'name at least one file to send');
  if (list.includes('')) throw new UdpcpError('ERR_USAGE', 'the name of a file to send is empty');
  if (options.as !== undefined && list.length > 1) {
    throw new UdpcpError('ERR_USAGE', 'one name for several files: send them one by one to rename them');
  }
  const streams = list.flatMap((input) =>
    typeof input === 'string' ? [] : streamEntry({ ...input, name: options.as ?? input.name }),
  );
  const { entries, leftOut } = await gather(
    list.filter((input) => typeof input === 'string'),
    options,
  );
  return { entries: [...entries, ...streams], leftOut };
}

function describe({ local: path, offer }: SendEntry, outcome: EntryOutcome | undefined): SentFile {
  const name = nameOf(offer.path);
  const kind = offer.entryKind;
  if (outcome === undefined) {
    const unknown = { size: undefined, sha256: undefined, resumedBytes: 0, alreadyThere: false };
    return { path, name, status: 'unknown', code: -1, text: 'not finished', ...unknown, kind };
  }
  const { status, code, text, size, digest, resumed: resumedBytes, alreadyThere } = outcome;
  const sha256 = digest && Buffer.from(digest).toString('hex');
  const words = printable(text) || transferCodeWords(code);
  return { path, name, status, code, text: words, size, sha256, resumedBytes, alreadyThere, kind };
}
