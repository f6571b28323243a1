import { existsSync } from 'node:fs';
import { basename, resolve } from 'node:path';
import type { Millis } from '../base/units.ts';
import { UdpcpError } from '../errors.ts';
import { clock } from '../net/driver.ts';
import { printable } from '../printable.ts';
import type { SessionSecurity } from '../security.ts';
import { fileWords } from '../send/send-failure.ts';
import { SendError, sendFile } from '../send/send-file.ts';
import type { SendProgress } from '../send/send-progress.ts';
import type { SendResult } from '../send/send-result.ts';
import type { GatherOptions } from '../store/outgoing/outgoing-tree.ts';
import { onTransfer, tuneEngine } from './engine.ts';
import { errorLine, exitCodeOf } from './errors.ts';
import { EXIT, type ExitCode } from './exit-codes.ts';
import { formatCount, formatDuration } from './format.ts';
import { SendJson } from './json/send-json.ts';
import { listOutgoing, skippedLine } from './list-outgoing.ts';
import { openChannel } from './live-channel.ts';
import type { ChannelOptions } from './options/channel-options.ts';
import type { SecurityOptions } from './options/security-options.ts';
import { type SessionOptions, sessionChoices } from './options/session-options.ts';
import { parseTarget } from './options/target.ts';
import { Output, type OutputOptions } from './output.ts';
import type { ProgressSnapshot } from './progress/progress-tracker.ts';
import { reconnectingWords, takeRetry } from './progress/retry-display.ts';
import { receiptLine } from './receipt/receipt.ts';
import { checkNewReceipt, writeReceipt } from './receipt/receipt-file.ts';
import { channelLines, fingerprintLine, openingLines } from './report.ts';
import { senderSecurity } from './security.ts';
import { MAX_LINES, resumingLine, sentLines } from './sent-lines.ts';
import { Signals } from './signals.ts';
import { standardInput } from './standard-input.ts';

/** Files that go on where they stopped are told of, each with a line, until there were so many. */
const MAX_RESUMING = 20;

/** What `command.opts()` holds. */
export interface SendCommandOptions extends OutputOptions, SessionOptions, SecurityOptions, ChannelOptions {
  readonly as?: string;
  readonly preserve?: boolean;
  readonly exclude?: readonly string[];
  readonly links?: boolean;
  readonly follow?: boolean;
  readonly dryRun?: boolean;
  readonly receipt?: string;
  readonly restart?: boolean;
  readonly retryFor?: Millis;
}

/** Runs `udpcp send`. Rejects with UdpcpError ERR_USAGE. */
export async function send(words: readonly string[], options: SendCommandOptions): Promise<ExitCode> {
  tuneEngine();
  onTransfer();
  const paths = words.slice(0, -1);
  const [last = ''] = words.slice(-1);
  if (paths.length === 0)
    throw new UdpcpError('ERR_USAGE', 'name the files first and the receiver last: udpcp send FILE... HOST[:PORT]');
  const target = parseTarget(last);
  const inputs = paths.includes('-') ? [standardInput(paths, options.as)] : paths;
  const names = inputs.map((input) => (typeof input === 'string' ? input : input.name));
  const { record } = options;
  if (record !== undefined && paths.some((path) => resolve(path) === resolve(record)))
    throw new UdpcpError('ERR_USAGE', `the recording would overwrite ${printable(record)} before it is sent`);
  if (options.dryRun) return listOutgoing(paths, choices(options), await Output.open(options));
  const session = sessionChoices(options);
  if (options.receipt !== undefined) await checkNewReceipt(options.receipt);
  const { security, meet } = await senderSecurity(options, target);
  const channel = await openChannel(options);
  const output = await Output.open(options);
  const json = new SendJson(output.format, { paths, target, session, security, channel: channel.choice, options });
  json.start();
  for (const line of openingLines(channel.choice, options.replay)) output.note(line);
  if (options.cc === 'fixed')
    output.note('udpcp: warning: --cc fixed does not give way to others; not for shared networks');

  let resumed = 0;
  const abort = new AbortController();
  const signals = new Signals(() => abort.abort());
  let result: SendResult | undefined;
  let failure: unknown;
  let met: Promise<void> | undefined;
  const onSecured = (how: SessionSecurity): void => {
    json.session(how);
    const words = fingerprintLine(how, 'the receiver');
    if (words !== undefined) output.note(words);
    met ??= meet(how).then(
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
    result = await sendFile(inputs, {
      ...target,
      ...choices(options),
      session,
      security,
      mtu: options.mtu,
      channel: channel.choice,
      retryFor: options.retryFor,
      signal: abort.signal,
      onSecured,
      onFile: output.format === 'jsonl' ? (index, file) => json.file(index, file) : undefined,
      onRetry: (event) => {
        takeRetry(output, event);
        json.retry(event);
      },
      onResume: (resumption) => {
        if (resumed++ < MAX_RESUMING || output.isVerbose) output.note(resumingLine(resumption));
        json.resuming(resumption);
      },
      onProgress: (progress) => {
        output.progress.update(clock(), snapshot(progress, names, last));
        json.progress(progress);
      },
    });
  } catch (error) {
    failure ??= explain(error, last);
    if (error instanceof SendError) result = error.result;
  } finally {
    await met;
    for (const input of inputs) if (typeof input !== 'string') input.stream.destroy();
    output.progress.finish();
    signals.release();
  }
  try {
    channel.close();
  } catch (error) {
    failure ??= error;
  }
  try {
    await confirm(options.receipt, result, last);
  } catch (error) {
    failure ??= error;
  }
  const exitCode = failure === undefined ? EXIT.ok : (signals.exitCode ?? exitCodeOf(failure));
  if (result !== undefined) report(output, result);
  if (failure !== undefined) reportFailure(output, failure, result);
  json.end(result, failure, exitCode);
  return exitCode;
}

/** Which files, and what of them. */
function choices({ as, exclude, preserve, links, follow, restart }: SendCommandOptions): GatherOptions {
  return { as, exclude, preserve, restart, links: follow ? 'follow' : links ? 'send' : 'skip' };
}

/** Writes down what the receiver confirmed, if that was asked for and it confirmed anything. */
async function confirm(path: string | undefined, result: SendResult | undefined, peer: string): Promise<void> {
  if (path === undefined || !result?.files.some(({ status }) => status === 'stored')) return;
  const { files, security } = result;
  await writeReceipt(path, receiptLine({ role: 'sender', peer: printable(peer), security, files, omitted: 0 }));
}

/** A host that is not found and a file that is there: the receiver was forgotten. */
function explain(failure: unknown, target: string): unknown {
  if (!(failure instanceof UdpcpError && failure.code === 'ERR_RESOLVE' && existsSync(target))) return failure;
  const text = `${printable(target)} is a file, not a host: name the receiver last, like HOST or HOST:PORT`;
  return new UdpcpError('ERR_USAGE', text, { cause: failure });
}

function snapshot(
  { name, bytes, resumed, bytesTotal, filesDone, files, reconnecting, stats, srtt }: SendProgress,
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
  return {
    name: printable(name ?? (stats === undefined ? `calling ${target}` : waiting)),
    files: name === undefined || files === 1 ? undefined : { done: filesDone, all: files },
    bytes,
    resumed,
    total: bytesTotal,
    waiting: reconnecting && reconnectingWords(reconnecting),
    rtt: srtt,
    ...counters,
  };
}

function report(output: Output, result: SendResult): void {
  const { files, leftOut, terms, datagramSize, srtt, channel } = result;
  if (output.format !== undefined) return;
  const skipped = skippedLine(leftOut);
  if (skipped !== undefined) output.note(skipped);
  for (const { path, status, text } of files) if (status === 'skipped') output.note(`skipped ${path}: ${text}`);
  for (const line of sentLines(result, output.isVerbose)) output.note(line);
  const stored = files.filter(({ status }) => status === 'stored');
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
    for (const file of failed.slice(0, MAX_LINES)) output.error(`udpcp: ${fileWords(file)}`);
  if (failed.length > MAX_LINES) {
    output.error(`udpcp: ${formatCount(failed.length - MAX_LINES, 'file')} more were not stored`);
  }
  output.error(errorLine(failure));
}
