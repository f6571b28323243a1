import { homedir } from 'node:os';
import { parse, resolve } from 'node:path';
import type { Bytes } from '../base/units.ts';
import { formatIdentity } from '../crypto/identity.ts';
import { UdpcpError } from '../errors.ts';
import type { ReceiverMetrics } from '../metrics/receiver-metrics.ts';
import { formatAddress, isLoopback, type SocketAddress } from '../net/address.ts';
import type { Network } from '../net/allow-list.ts';
import { printable } from '../printable.ts';
import type { FileReceiver } from '../receive/file-receiver.ts';
import { receiveFiles } from '../receive/receive-files.ts';
import type { ReceiveSecurity } from '../security.ts';
import type { ExistsPolicy } from '../store/exists-policy.ts';
import { CLOSE_CODE } from '../wire/close-codes.ts';
import { onTransfer, tuneEngine } from './engine.ts';
import { errorLine } from './errors.ts';
import { EXIT, type ExitCode } from './exit-codes.ts';
import { RecvJson } from './json/recv-json.ts';
import { openChannel } from './live-channel.ts';
import type { ChannelOptions } from './options/channel-options.ts';
import type { SecurityOptions } from './options/security-options.ts';
import { type SessionOptions, sessionChoices } from './options/session-options.ts';
import { Output, type OutputOptions } from './output.ts';
import { TransfersDisplay } from './progress/transfers-display.ts';
import { ReceiptBook } from './receipt/receipt-book.ts';
import { ReceiptLog } from './receipt/receipt-file.ts';
import { channelLines, openingLines } from './report.ts';
import { receiverSecurity } from './security.ts';
import { type EndingSignal, Signals } from './signals.ts';
import { TransferLog } from './transfer-log.ts';
import { packageVersion } from './version.ts';

/** What `command.opts()` holds. */
export interface RecvCommandOptions extends OutputOptions, SessionOptions, SecurityOptions, ChannelOptions {
  readonly out: string;
  readonly port?: number;
  readonly bind?: string;
  readonly once?: boolean;
  readonly receipt?: string;
  readonly overwrite?: boolean;
  readonly rename?: boolean;
  readonly skipExisting?: boolean;
  readonly allowHidden?: boolean;
  readonly maxSize?: Bytes;
  readonly maxFiles?: number;
  readonly maxSessions?: number;
  readonly allow?: readonly Network[];
  readonly resume?: boolean;
  readonly fsync?: boolean;
  /** Milliseconds. */
  readonly keepPartials?: number;
  readonly listPartials?: boolean;
  /** Milliseconds. */
  readonly purgePartials?: number;
  readonly metrics?: number;
}

const PROGRESS_INTERVAL = 100;

/** Runs `udpcp recv`. Rejects with UdpcpError. */
export async function receive(options: RecvCommandOptions): Promise<ExitCode> {
  tuneEngine();
  if (options.json && !options.once) {
    throw new UdpcpError(
      'ERR_USAGE',
      '--json is one result and goes with --once; for a receiver that stays say --jsonl',
    );
  }
  const channel = await openChannel(options);
  const output = await Output.open(options);
  const session = sessionChoices(options);
  const security = await receiverSecurity(options);
  const json = new RecvJson(output.format, { session, security, channel: channel.choice, options });
  const onLostReceipt = (error: UdpcpError): void => {
    output.error(errorLine(error));
    json.error(error);
  };
  const receipts = options.receipt === undefined ? undefined : await ReceiptLog.open(options.receipt, onLostReceipt);
  const metrics = await openMetrics(options.metrics);
  const book = receipts && new ReceiptBook((line) => receipts.add(line));
  let stop: (signal: EndingSignal) => void = (signal) => {
    stoppedBy = signal; // not even listening yet
  };
  let stoppedBy: EndingSignal | undefined;
  const signals = new Signals((signal) => stop(signal));
  const log = new TransferLog(output);
  const receiver = await receiveFiles({
    out: options.out,
    port: options.port,
    address: options.bind,
    exists: policyOf(options),
    allowHidden: options.allowHidden ?? false,
    ...(options.maxSize === undefined ? {} : { maxSize: options.maxSize }),
    ...(options.maxFiles === undefined ? {} : { maxFiles: options.maxFiles }),
    resume: options.resume ?? true,
    ...(options.keepPartials === undefined ? {} : { keepPartials: options.keepPartials }),
    fsync: options.fsync ?? true,
    maxSessions: options.maxSessions,
    allow: options.allow,
    session,
    security,
    mtu: options.mtu,
    channel: channel.choice,
    onEvent: (event) => {
      if (event.kind === 'started') onTransfer();
      log.take(event);
      json.take(event);
      book?.take(event);
      metrics?.take(event);
      const isServed = event.kind === 'ended' && event.end === 'complete' && event.failed === 0;
      if (options.once && isServed) void receiver.close('the receiver took one transfer and is done');
    },
  });
  stop = (signal) => void closeFor(signal, receiver);
  if (stoppedBy !== undefined) stop(stoppedBy);
  announce(output, receiver, options);
  for (const line of securityLines(security, receiver.address, `create new files in ${printable(options.out)}`))
    output.note(line);
  metrics?.attach(receiver, packageVersion());
  if (metrics !== undefined)
    output.note(`metrics for this machine at ${metrics.url}metrics, and a live page at ${metrics.url}`);
  for (const line of openingLines(channel.choice, options.replay)) output.note(line);
  json.start(receiver);

  const display = new TransfersDisplay(output.progress);
  const timer = setInterval(() => {
    const { progress } = receiver;
    display.update(progress);
    json.progress(progress);
  }, PROGRESS_INTERVAL);
  try {
    await receiver.closed;
  } finally {
    clearInterval(timer);
    await receipts?.close();
    output.progress.finish();
    signals.release();
    await metrics?.close();
  }
  if (receiver.channel !== undefined) for (const line of channelLines(receiver.channel)) output.note(line);
  channel.close();
  const exitCode = signals.exitCode ?? EXIT.ok;
  json.end(exitCode);
  return exitCode;
}

/** Ctrl-C is somebody's wish; who terminates a service often starts it again, and senders may wait for that. */
function closeFor(signal: EndingSignal, receiver: FileReceiver): Promise<void> {
  if (signal === 'SIGINT') return receiver.close();
  return receiver.close('the receiver is restarting or was stopped', CLOSE_CODE.shuttingDown);
}

/** Loaded only where it is asked for. */
async function openMetrics(port: number | undefined): Promise<ReceiverMetrics | undefined> {
  if (port === undefined) return undefined;
  const { ReceiverMetrics } = await import('../metrics/receiver-metrics.ts');
  return await ReceiverMetrics.listen(port);
}

function policyOf({ overwrite, rename, skipExisting }: RecvCommandOptions): ExistsPolicy {
  if (overwrite) return 'overwrite';
  if (rename) return 'rename';
  return skipExisting ? 'skip' : 'refuse';
}

function announce(output: Output, { address, createdDirectory }: FileReceiver, { out }: RecvCommandOptions): void {
  const made = createdDirectory ? ' (made)' : '';
  output.note(`listening on UDP ${formatAddress(address)}, storing in ${printable(out)}${made}; Ctrl-C ends`);
  const place = resolve(out);
  const isPrecious = place === parse(place).root || place === home();
  if (isPrecious)
    output.note(`udpcp: warning: files appear right in ${printable(out)}; a directory of its own is safer`);
}

/** Undefined: a user whom the system does not know, as services and containers have. */
function home(): string | undefined {
  try {
    return resolve(homedir());
  } catch {
    return undefined;
  }
}

/** Who this receiver is, and who may come; `can`: what whoever comes can do. */
export function securityLines({ key, identity, plaintext }: ReceiveSecurity, at: SocketAddress, can: string): string[] {
  const lines = identity === undefined ? [] : [`senders know this receiver as ${formatIdentity(identity.publicKey)}`];
  if (key === undefined && !isLoopback(at.address)) {
    const reads = plaintext ? ', and anyone on the way can read what is sent' : '';
    lines.push(
      `anyone who can reach this port can ${can}${reads}; to let in only whom you choose: udpcp keygen --key-file KEY, and --key-file KEY on both sides`,
    );
  }
  return lines;
}
