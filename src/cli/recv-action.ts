import type { Bytes } from '../base/units.ts';
import { formatIdentity } from '../crypto/identity.ts';
import type { ReceiverMetrics } from '../metrics/receiver-metrics.ts';
import { formatAddress, isLoopback, type SocketAddress } from '../net/address.ts';
import type { Network } from '../net/allow-list.ts';
import { printable } from '../printable.ts';
import { type FileReceiver, receiveFiles } from '../receive-files.ts';
import type { ReceiveSecurity } from '../security.ts';
import type { ExistsPolicy } from '../store/exists-policy.ts';
import type { ChannelOptions } from './channel-options.ts';
import { EXIT, type ExitCode } from './exit-codes.ts';
import { listeningJson } from './json.ts';
import { openChannel } from './live-channel.ts';
import { Output, type OutputOptions } from './output.ts';
import { packageVersion } from './package-version.ts';
import { channelLines, openingLines } from './report.ts';
import { receiverSecurity } from './security.ts';
import type { SecurityOptions } from './security-options.ts';
import { type SessionOptions, sessionChoices } from './session-options.ts';
import { Signals } from './signals.ts';
import { TransferLog } from './transfer-log.ts';
import { TransfersDisplay } from './transfers-display.ts';

/** What `command.opts()` holds. */
export interface RecvCommandOptions extends OutputOptions, SessionOptions, SecurityOptions, ChannelOptions {
  readonly out: string;
  readonly port?: number;
  readonly bind?: string;
  readonly once?: boolean;
  readonly overwrite?: boolean;
  readonly rename?: boolean;
  readonly skipExisting?: boolean;
  readonly allowHidden?: boolean;
  readonly maxSize?: Bytes;
  readonly maxFiles?: number;
  readonly maxSessions?: number;
  readonly allow?: readonly Network[];
  readonly metrics?: number;
}

const PROGRESS_INTERVAL = 100;

/** Runs `udpcp recv`. Rejects with UdpcpError. */
export async function receive(options: RecvCommandOptions): Promise<ExitCode> {
  const channel = await openChannel(options);
  const output = await Output.open(options);
  const session = sessionChoices(options);
  const security = await receiverSecurity(options);
  const metrics = await openMetrics(options.metrics);
  const abort = new AbortController();
  const signals = new Signals(() => abort.abort());
  const log = new TransferLog(output, () => receiver.channel);
  const receiver = await receiveFiles({
    out: options.out,
    port: options.port,
    address: options.bind,
    exists: policyOf(options),
    allowHidden: options.allowHidden ?? false,
    ...(options.maxSize === undefined ? {} : { maxSize: options.maxSize }),
    ...(options.maxFiles === undefined ? {} : { maxFiles: options.maxFiles }),
    maxSessions: options.maxSessions,
    allow: options.allow,
    session,
    security,
    mtu: options.mtu,
    channel: channel.choice,
    signal: abort.signal,
    onEvent: (event) => {
      log.take(event);
      metrics?.take(event);
      const isServed = event.kind === 'ended' && event.end === 'complete' && event.failed === 0;
      if (options.once && isServed) void receiver.close('the receiver took one transfer and is done');
    },
  });
  announce(output, receiver, options);
  metrics?.attach(receiver, packageVersion());
  if (metrics !== undefined)
    output.note(`metrics for this machine at ${metrics.url}metrics, and a live page at ${metrics.url}`);
  for (const line of securityLines(security, receiver.address, options.out)) output.note(line);
  for (const line of openingLines(channel.choice, options.replay)) output.note(line);
  if (output.isJson) output.result(listeningJson(receiver, security, session, channel.choice));

  const display = new TransfersDisplay(output.progress);
  const timer = setInterval(() => display.update(receiver.progress), PROGRESS_INTERVAL);
  try {
    await receiver.closed;
  } finally {
    clearInterval(timer);
    output.progress.finish();
    signals.release();
    await metrics?.close();
  }
  if (receiver.channel !== undefined) for (const line of channelLines(receiver.channel)) output.note(line);
  channel.close();
  return signals.exitCode ?? EXIT.ok;
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
}

/** Who this receiver is, and who may come. */
function securityLines({ key, identity, plaintext }: ReceiveSecurity, at: SocketAddress, out: string): string[] {
  const lines = identity === undefined ? [] : [`senders know this receiver as ${formatIdentity(identity.publicKey)}`];
  if (key === undefined && !isLoopback(at.address)) {
    const reads = plaintext ? ', and anyone on the way can read what is sent' : '';
    lines.push(
      `anyone who can reach this port can create new files in ${printable(out)}${reads}; to let in only whom you choose: udpcp keygen --key-file KEY, and --key-file KEY on both sides`,
    );
  }
  return lines;
}
