import { Command, Option } from 'commander';
import type { Bytes } from '../base/units.ts';
import { formatAddress } from '../net/address.ts';
import { clock } from '../net/driver.ts';
import { printable } from '../printable.ts';
import { type FileReceiver, type ReceivedFile, type ReceiveEvent, receiveFiles } from '../receive-files.ts';
import type { ExistsPolicy } from '../store/exists-policy.ts';
import { addChannelOptions, type ChannelOptions } from './channel-options.ts';
import { EXIT, type ExitCode } from './exit-codes.ts';
import { formatSize } from './format.ts';
import { listeningJson, transferJson } from './json.ts';
import { openChannel } from './live-channel.ts';
import { Output, type OutputOptions } from './output.ts';
import { channelLines, seedLine, summaryLine } from './report.ts';
import { addSessionOptions, type SessionOptions, sessionChoices } from './session-options.ts';
import { Signals } from './signals.ts';
import { once, parsePath, parsePort, parseSize } from './values.ts';

interface RecvCommandOptions extends OutputOptions, SessionOptions, ChannelOptions {
  readonly out: string;
  readonly port?: number;
  readonly bind?: string;
  readonly once?: boolean;
  readonly overwrite?: boolean;
  readonly rename?: boolean;
  readonly skipExisting?: boolean;
  readonly allowHidden?: boolean;
  readonly maxSize?: Bytes;
}

const PROGRESS_INTERVAL = 100;

/** `udpcp recv --out DIR`; tells its exit code to `exit`. */
export function createRecvCommand(exit: (code: ExitCode) => void): Command {
  const existing = (flag: string, help: string, others: string[]): Option =>
    new Option(flag, help).conflicts(others).helpGroup('When a name exists (it is refused otherwise):');
  const command = new Command('recv')
    .alias('receive')
    .description('receive files into a directory, until stopped')
    .requiredOption('--out <dir>', 'where files go; made if only its last part is missing', once(parsePath))
    .option('--port <n>', 'UDP port; 0 takes any free one (default 9000)', once(parsePort))
    .option('--bind <address>', 'listen on this local address only', once(parsePath))
    .option('--once', 'end after the first transfer whose files are all stored')
    .option('--max-size <size>', 'refuse larger files (10M, 4Gi)', once(parseSize))
    .option('--allow-hidden', 'take names that begin with a dot')
    .addOption(existing('--overwrite', 'replace regular files', ['rename', 'skipExisting']))
    .addOption(existing('--rename', "store it as 'name (1).ext'", ['overwrite', 'skipExisting']))
    .addOption(existing('--skip-existing', 'leave it, and let the sender succeed', ['overwrite', 'rename']))
    .option('-q, --quiet', 'no progress, errors only')
    .option('-v, --verbose', 'say more about each transfer')
    .option('--json', 'print JSON lines on stdout: where it listens, then each transfer');
  addSessionOptions(command, 'recv');
  addChannelOptions(command);
  return command.action(async (options: RecvCommandOptions) => exit(await receive(options)));
}

async function receive(options: RecvCommandOptions): Promise<ExitCode> {
  const channel = openChannel(options);
  const output = new Output(options);
  const session = sessionChoices(options);
  const log = new TransferLog(output, options, () => receiver.channel);
  const isServed = { once: false };
  const receiver = await receiveFiles({
    out: options.out,
    port: options.port,
    address: options.bind,
    exists: policyOf(options),
    allowHidden: options.allowHidden ?? false,
    ...(options.maxSize === undefined ? {} : { maxSize: options.maxSize }),
    session,
    channel: channel.choice,
    onEvent: (event) => {
      log.take(event);
      if (options.once && event.kind === 'ended' && event.end === 'complete' && event.failed === 0) {
        isServed.once = true;
        void receiver.close('the receiver took one transfer and is done');
      }
    },
  });
  announce(output, receiver, options);
  if (channel.choice !== undefined) output.note(seedLine(channel.choice.seed));
  if (output.isJson) output.result(listeningJson(receiver, session, channel.choice));

  const signals = new Signals(() => void receiver.close());
  const timer = setInterval(() => showProgress(output, receiver), PROGRESS_INTERVAL);
  try {
    await receiver.closed;
  } finally {
    clearInterval(timer);
    output.progress.finish();
    signals.release();
  }
  const stats = receiver.channel;
  if (stats !== undefined) for (const line of channelLines(stats)) output.note(line);
  channel.close();
  return signals.exitCode ?? EXIT.ok;
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

function showProgress(output: Output, receiver: FileReceiver): void {
  const [first, ...others] = receiver.progress;
  if (first === undefined) return;
  const all = [first, ...others];
  const sum = (of: (progress: (typeof all)[number]) => number): number =>
    all.reduce((total, one) => total + of(one), 0);
  output.progress.update(clock(), {
    name: others.length === 0 ? (first.name ?? first.peer) : `${all.length} transfers`,
    bytes: sum(({ bytes }) => bytes),
    total: sum(({ bytesTotal }) => bytesTotal),
  });
}

/** Tells what happens, transfer by transfer. */
class TransferLog {
  readonly #output: Output;
  readonly #options: RecvCommandOptions;
  readonly #channel: () => FileReceiver['channel'];
  /** For `--json` only: the files of transfers that are going on. */
  readonly #files = new Map<number, ReceivedFile[]>();

  constructor(output: Output, options: RecvCommandOptions, channel: () => FileReceiver['channel']) {
    this.#output = output;
    this.#options = options;
    this.#channel = channel;
  }

  take(event: ReceiveEvent): void {
    switch (event.kind) {
      case 'started':
        this.#output.detail(`${event.peer} began a transfer`);
        break;
      case 'file':
        this.#takeFile(event.transfer, event.peer, event.file);
        break;
      case 'ended':
        this.#takeEnd(event);
        break;
    }
  }

  #takeFile(transfer: number, peer: string, file: ReceivedFile): void {
    if (this.#options.json) {
      const files = this.#files.get(transfer) ?? [];
      if (files.length === 0) this.#files.set(transfer, files);
      files.push(file);
      return;
    }
    const { name, status, size = 0, text, sha256 } = file;
    if (status === 'stored') {
      this.#output.note(`stored ${name}, ${formatSize(size)}, from ${peer}`);
      this.#output.detail(`${sha256}  ${name}`);
    } else {
      this.#output.error(`udpcp: ${name} from ${peer}: ${status}: ${text}`);
    }
  }

  #takeEnd(event: Extract<ReceiveEvent, { kind: 'ended' }>): void {
    const { transfer, peer, end, text, stored, bytes, elapsed } = event;
    if (this.#options.json) {
      this.#output.result(transferJson(event, this.#files.get(transfer) ?? [], this.#channel()));
      this.#files.delete(transfer);
    } else if (end !== 'complete') {
      this.#output.error(`udpcp: the transfer from ${peer} ended early: ${text}`);
    } else if (stored > 0) {
      this.#output.detail(summaryLine({ verb: 'received', files: stored, bytes, elapsed }));
    }
  }
}
