import type { Bytes } from '../base/units.ts';
import type { ChannelSpec } from '../channel/spec.ts';
import type { ChannelStats } from '../channel/stats.ts';
import { formatIdentity } from '../crypto/identity.ts';
import { UdpcpError } from '../errors.ts';
import type { ChannelChoice } from '../net/live-channels.ts';
import { printable } from '../printable.ts';
import type { ReceivedFile, ReceiveEvent } from '../receive-event.ts';
import type { FileReceiver } from '../receive-files.ts';
import type { ReceiveSecurity, SessionSecurity } from '../security.ts';
import type { SendResult } from '../send-result.ts';
import { type SessionConfig, sessionConfig } from '../session/config.ts';
import type { SessionTerms } from '../session/session-terms.ts';
import type { LeftOut } from '../store/left-out.ts';
import { errorLine } from './errors.ts';
import type { Target } from './target.ts';

/** Changes when a field changes its meaning or goes away; new fields may come at any time. */
const SCHEMA = 1;

interface ChannelJson {
  readonly seed: number;
  readonly out: ChannelSpec;
  readonly in: ChannelSpec;
  readonly isReplay: boolean;
}

const channelJson = (choice: ChannelChoice | undefined): ChannelJson | null =>
  choice === undefined
    ? null
    : { seed: choice.seed, out: choice.out, in: choice.in, isReplay: choice.replay !== undefined };

/** What both sides settled on; the ids of a session say nothing once it is over. */
const agreedJson = ({ localId: _, remoteId: __, ...agreed }: SessionTerms): object => agreed;

/** `identity` is the receiver's. */
const securityJson = ({ protection, fingerprint, identity }: SessionSecurity): object => ({
  protection,
  fingerprint: fingerprint ?? null,
  identity: identity ?? null,
});

const errorJson = (failure: unknown): object | null => {
  if (failure === undefined) return null;
  return {
    code: failure instanceof UdpcpError ? failure.code : 'ERR_BUG',
    message: errorLine(failure).replace(/^udpcp: /, ''),
  };
};

/** The one result of `send --json`. */
export function sendJson(run: {
  readonly target: Target;
  readonly session: Partial<SessionConfig>;
  readonly channel: ChannelChoice | undefined;
  readonly result: SendResult | undefined;
  readonly failure: unknown;
  readonly exitCode: number;
}): object {
  const { target, result } = run;
  return {
    schema: SCHEMA,
    command: 'send',
    ok: run.exitCode === 0,
    exitCode: run.exitCode,
    error: errorJson(run.failure),
    target,
    parameters: { asked: sessionConfig(run.session), agreed: result?.terms ? agreedJson(result.terms) : null },
    security: result?.security ? securityJson(result.security) : null,
    channel: channelJson(run.channel),
    files: result?.files.map((file) => ({ ...file, path: printable(file.path) })) ?? [],
    skipped: result?.leftOut ?? [],
    elapsedMs: result?.elapsed ?? null,
    statistics: {
      session: result?.stats ?? null,
      srttMs: result?.srtt ?? null,
      datagramSize: result?.datagramSize ?? null,
      channel: result?.channel ?? null,
    },
  };
}

/** One entry of a dry run; all text is printable. */
export interface ListedEntry {
  /** What it would arrive as. */
  readonly path: string;
  /** What it is here. */
  readonly from: string;
  readonly kind: 'file' | 'directory' | 'link';
  readonly size: Bytes;
  readonly target: string | null;
}

/** The one result of `send --dry-run --json`. */
export function dryRunJson(
  entries: readonly ListedEntry[],
  skipped: readonly LeftOut[],
  failure: unknown,
  exitCode: number,
): object {
  const count = (kind: ListedEntry['kind']): number => entries.filter((entry) => entry.kind === kind).length;
  return {
    schema: SCHEMA,
    command: 'send',
    dryRun: true,
    ok: exitCode === 0,
    exitCode,
    error: errorJson(failure),
    entries,
    totals: {
      files: count('file'),
      directories: count('directory'),
      links: count('link'),
      bytes: entries.reduce((sum, { size }) => sum + size, 0),
    },
    skipped,
  };
}

/** The first line of `recv --json`: where to send to. */
export function listeningJson(
  receiver: FileReceiver,
  { key, identity, plaintext }: ReceiveSecurity,
  session: Partial<SessionConfig>,
  channel: ChannelChoice | undefined,
): object {
  return {
    schema: SCHEMA,
    command: 'recv',
    type: 'listening',
    ...receiver.address,
    security: {
      protection: plaintext ? 'plain' : key === undefined ? 'noise' : 'noise-psk',
      identity: identity === undefined ? null : formatIdentity(identity.publicKey),
    },
    parameters: sessionConfig(session),
    channel: channelJson(channel),
  };
}

/** One line of `recv --json` for every transfer that ended. */
export function transferJson(
  event: Extract<ReceiveEvent, { kind: 'ended' }>,
  { files, omitted }: { readonly files: readonly ReceivedFile[]; readonly omitted: number },
  channel: { readonly out: ChannelStats; readonly in: ChannelStats } | undefined,
): object {
  const { transfer, peer, end, text, stored, failed, bytes, elapsed, security, stats } = event;
  return {
    schema: SCHEMA,
    command: 'recv',
    type: 'transfer',
    ok: end === 'complete' && failed === 0,
    transfer,
    peer,
    end,
    text,
    stored,
    failed,
    bytes,
    security: securityJson(security),
    files,
    filesOmitted: omitted,
    elapsedMs: elapsed,
    statistics: { session: stats, channel: channel ?? null },
  };
}
