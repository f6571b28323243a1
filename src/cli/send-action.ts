import { existsSync } from 'node:fs';
import { basename, resolve } from 'node:path';
import { UdpcpError } from '../errors.ts';
import { clock } from '../net/driver.ts';
import { printable } from '../printable.ts';
import type { SessionSecurity } from '../security.ts';
import { fileWords } from '../send-failure.ts';
import { SendError, type SendProgress, sendFile } from '../send-file.ts';
import type { SendResult } from '../send-result.ts';
import type { GatherOptions } from '../store/outgoing-tree.ts';
import type { ChannelOptions } from './channel-options.ts';
import { errorLine, exitCodeOf } from './errors.ts';
import { EXIT, type ExitCode } from './exit-codes.ts';
import { formatCount, formatDuration } from './format.ts';
import { sendJson } from './json.ts';
import { listOutgoing, skippedLine } from './list-outgoing.ts';
import { openChannel } from './live-channel.ts';
import { Output, type OutputOptions } from './output.ts';
import type { ProgressSnapshot } from './progress-tracker.ts';
import { channelLines, fingerprintLine, openingLines, summaryLine } from './report.ts';
import { senderSecurity } from './security.ts';
import type { SecurityOptions } from './security-options.ts';
import { type SessionOptions, sessionChoices } from './session-options.ts';
import { Signals } from './signals.ts';
import { parseTarget } from './target.ts';

/** Lines about files that were not stored; the others are only counted. */
const MAX_FAILURES = 100;

/** What `command.opts()` holds. */
export interface SendCommandOptions extends OutputOptions, SessionOptions, SecurityOptions, ChannelOptions {
  readonly as?: string;
  readonly preserve?: boolean;
  readonly exclude?: readonly string[];
  readonly links?: boolean;
  readonly follow?: boolean;
  readonly dryRun?: boolean;
}

/** Runs `udpcp send`. Rejects with UdpcpError ERR_USAGE. */
export async function send(words: readonly string[], options: SendCommandOptions): Promise<ExitCode> {
  const paths = words.slice(0, -1);
  const [last = ''] = words.slice(-1);
  if (paths.length === 0)
    throw new UdpcpError('ERR_USAGE', 'name the files first and the receiver last: udpcp send FILE... HOST[:PORT]');
  const target = parseTarget(last);
  const { record } = options;
  if (record !== undefined && paths.some((path) => resolve(path) === resolve(record)))
    throw new UdpcpError('ERR_USAGE', `the recording would overwrite ${printable(record)} before it is sent`);
  if (options.dryRun) return listOutgoing(paths, choices(options), await Output.open(options));
  const session = sessionChoices(options);
  const { security, meet } = await senderSecurity(options, target);
  const channel = await openChannel(options);
  const output = await Output.open(options);
  for (const line of openingLines(channel.choice, options.replay)) output.note(line);
  if (options.cc === 'fixed')
    output.note('udpcp: warning: --cc fixed does not give way to others; not for shared networks');

  const abort = new AbortController();
  const signals = new Signals(() => abort.abort());
  let result: SendResult | undefined;
  let failure: unknown;
  let met: Promise<void> | undefined;
  const onSecured = (how: SessionSecurity): void => {
    const words = fingerprintLine(how, 'the receiver');
    if (words !== undefined) output.note(words);
    met = meet(how).then(
      (line) => {
        if (line !== undefined) output.note(line);
      },
      (error: unknown) => {
        if (error instanceof UdpcpError && error.code === 'ERR_USAGE') output.error(errorLine(error));
        else {
          failure = error;
          abort.abort();
        }
      },
    );
  };
  try {
    result = await sendFile(paths, {
      ...target,
      ...choices(options),
      session,
      security,
      mtu: options.mtu,
      channel: channel.choice,
      signal: abort.signal,
      onSecured,
      onProgress: (progress) => output.progress.update(clock(), snapshot(progress, paths, last)),
    });
  } catch (error) {
    failure ??= explain(error, last);
    if (error instanceof SendError) result = error.result;
  } finally {
    await met;
    output.progress.finish();
    signals.release();
  }
  try {
    channel.close();
  } catch (error) {
    failure ??= error;
  }
  const exitCode = failure === undefined ? EXIT.ok : (signals.exitCode ?? exitCodeOf(failure));
  if (result !== undefined) report(output, result, options);
  if (failure !== undefined) reportFailure(output, failure, result);
  if (output.isJson) output.result(sendJson({ target, session, channel: channel.choice, result, failure, exitCode }));
  return exitCode;
}

/** Which files, and what of them. */
function choices({ as, exclude, preserve, links, follow }: SendCommandOptions): GatherOptions {
  return { as, exclude, preserve, links: follow ? 'follow' : links ? 'send' : 'skip' };
}

/** A host that is not found and a file that is there: the receiver was forgotten. */
function explain(failure: unknown, target: string): unknown {
  if (!(failure instanceof UdpcpError && failure.code === 'ERR_RESOLVE' && existsSync(target))) return failure;
  const text = `${printable(target)} is a file, not a host: name the receiver last, like HOST or HOST:PORT`;
  return new UdpcpError('ERR_USAGE', text, { cause: failure });
}

function snapshot(
  { name, bytes, bytesTotal, filesDone, files, stats, srtt }: SendProgress,
  paths: readonly string[],
  target: string,
): ProgressSnapshot {
  const counters = stats && {
    // What only came late was declared lost too early.
    lossRate: (stats.packetsLost - stats.spuriousLosses) / Math.max(1, stats.datagramsSent),
    resent: stats.dataResent,
  };
  const done = paths.length === 1 ? basename(paths[0] ?? '') : formatCount(files, 'file');
  const waiting = filesDone === files ? done : 'waiting for the receiver';
  const now = name === undefined || files === 1 ? name : `${filesDone}/${files} files, ${name}`;
  return {
    name: printable(now ?? (stats === undefined ? `calling ${target}` : waiting)),
    bytes,
    total: bytesTotal,
    rtt: srtt,
    ...counters,
  };
}

function report(
  output: Output,
  { files, leftOut, elapsed, terms, datagramSize, stats, srtt, channel }: SendResult,
  { json }: SendCommandOptions,
): void {
  if (json) return;
  const skipped = skippedLine(leftOut);
  if (skipped !== undefined) output.note(skipped);
  const stored = files.filter(({ status }) => status === 'stored');
  for (const { path, status, text } of files) if (status === 'skipped') output.note(`skipped ${path}: ${text}`);
  if (stored.length > 0) {
    const bytes = stored.reduce((sum, { size = 0 }) => sum + size, 0);
    const datagrams = stats && { sent: stats.dataSent, resent: stats.dataResent };
    const others = stored.flatMap(({ kind }) => (kind === 'file' ? [] : [kind]));
    output.note(summaryLine({ verb: 'sent', files: stored.length - others.length, others, bytes, elapsed, datagrams }));
  }
  for (const { path, kind, sha256 } of stored) if (kind === 'file') output.detail(`${sha256}  ${path}`);
  if (terms !== undefined) {
    const rtt = srtt === undefined ? '' : `, RTT ${formatDuration(srtt)}`;
    output.detail(
      `${terms.arq}, window ${terms.window}, ${terms.congestion}, datagrams of ${datagramSize} bytes${rtt}`,
    );
  }
  if (channel !== undefined) for (const line of channelLines(channel)) output.note(line);
}

function reportFailure(output: Output, failure: unknown, result: SendResult | undefined): void {
  const failed = result?.files.filter(({ status }) => status === 'refused' || status === 'failed') ?? [];
  // The error itself names the file when there is only one.
  if (result !== undefined && result.files.length > 1)
    for (const file of failed.slice(0, MAX_FAILURES)) output.error(`udpcp: ${fileWords(file)}`);
  if (failed.length > MAX_FAILURES) {
    output.error(`udpcp: ${formatCount(failed.length - MAX_FAILURES, 'file')} more were not stored`);
  }
  output.error(errorLine(failure));
}
