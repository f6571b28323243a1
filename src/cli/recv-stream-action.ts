import { isatty } from 'node:tty';
import { UdpcpError } from '../errors.ts';
import { formatAddress } from '../net/address.ts';
import type { FileReceiver } from '../receive/file-receiver.ts';
import type { ReceiveEvent } from '../receive/receive-event.ts';
import { receiveFiles } from '../receive/receive-files.ts';
import { StreamStore } from '../store/stream-store.ts';
import { TRANSFER_CODE } from '../transfer/codes.ts';
import { CLOSE_CODE } from '../wire/close-codes.ts';
import { onTransfer, tuneEngine } from './engine.ts';
import { EXIT, type ExitCode } from './exit-codes.ts';
import { formatSize } from './format.ts';
import { openChannel } from './live-channel.ts';
import { sessionChoices } from './options/session-options.ts';
import { Output } from './output.ts';
import { TransfersDisplay } from './progress/transfers-display.ts';
import { type RecvCommandOptions, securityLines } from './recv-action.ts';
import { channelLines, openingLines } from './report.ts';
import { receiverSecurity } from './security.ts';
import { Signals } from './signals.ts';
import { standardOutput } from './standard-output.ts';
import { TransferLog } from './transfer-log.ts';

const PROGRESS_INTERVAL = 100;

/** Runs `udpcp recv --out -`: one file to stdout, then the end. Rejects with UdpcpError. */
export async function receiveToStdout(options: RecvCommandOptions): Promise<ExitCode> {
  tuneEngine();
  demandSense(options);
  const channel = await openChannel(options);
  const output = await Output.open(options);
  const security = await receiverSecurity(options);
  const store = new StreamStore(standardOutput(), { maxSize: options.maxSize });
  const abort = new AbortController();
  const signals = new Signals(() => abort.abort());
  const log = new TransferLog(output);
  const taking = new Taking(store, output, (reason, code) => void receiver.close(reason, code));
  const receiver: FileReceiver = await receiveFiles({
    out: store,
    port: options.port,
    address: options.bind,
    allow: options.allow,
    session: sessionChoices(options),
    security,
    mtu: options.mtu,
    channel: channel.choice,
    signal: abort.signal,
    onEvent: (event) => {
      if (event.kind === 'started') onTransfer();
      if (event.kind !== 'file' || event.file.status !== 'stored') log.take(event);
      taking.take(event);
    },
  });
  output.note(`listening on UDP ${formatAddress(receiver.address)}, for one file to stdout; Ctrl-C ends`);
  for (const line of securityLines(security, receiver.address, 'write to this stdout')) output.note(line);
  for (const line of openingLines(channel.choice, options.replay)) output.note(line);

  const display = new TransfersDisplay(output.progress);
  const timer = setInterval(() => display.update(receiver.progress), PROGRESS_INTERVAL);
  try {
    await receiver.closed;
  } finally {
    clearInterval(timer);
    output.progress.finish();
    signals.release();
  }
  if (receiver.channel !== undefined) for (const line of channelLines(receiver.channel)) output.note(line);
  channel.close();
  if (signals.exitCode !== undefined && store.state !== 'done') return signals.exitCode;
  return taking.exitCode;
}

/** What becomes of the one file. */
class Taking {
  readonly #store: StreamStore;
  readonly #output: Output;
  readonly #close: (reason: string, code?: number) => void;
  /** Transfers of which a file was refused. */
  readonly #refused = new Set<number>();
  /** The transfer whose file was written, whole or not. */
  #taken: number | undefined;
  #isOver = false;
  #exitCode: ExitCode = EXIT.unreachable;

  constructor(store: StreamStore, output: Output, close: (reason: string, code?: number) => void) {
    this.#store = store;
    this.#output = output;
    this.#close = close;
  }

  get exitCode(): ExitCode {
    if (this.#store.state !== 'done') return this.#exitCode;
    return this.#taken === undefined || !this.#refused.has(this.#taken) ? EXIT.ok : EXIT.partial;
  }

  take(event: ReceiveEvent): void {
    if (this.#isOver) return;
    if (event.kind === 'file') this.#takeFile(event);
    else if (event.kind === 'ended') this.#takeEnd(event.transfer);
  }

  #takeFile({ transfer, peer, file }: Extract<ReceiveEvent, { kind: 'file' }>): void {
    const { name, status, code, size = 0, sha256, text } = file;
    if (status === 'stored') {
      this.#taken = transfer;
      this.#output.note(`wrote ${name}, ${formatSize(size)}, from ${peer}`);
      this.#output.detail(`${sha256}  ${name}`);
    } else if (this.#store.isBroken) {
      this.#exitCode = EXIT.store;
      this.#close(text, CLOSE_CODE.store); // the sender need not send the rest for nothing
    } else if (status === 'refused') {
      this.#refused.add(transfer);
    } else {
      if (this.#store.state === 'spoiled') this.#taken ??= transfer;
      if (this.#taken === undefined || this.#taken === transfer) this.#exitCode = EXIT_OF[code] ?? EXIT.unreachable;
    }
  }

  #takeEnd(transfer: number): void {
    const { state, written } = this.#store;
    const isOther = this.#taken !== undefined && this.#taken !== transfer;
    // Of somebody who had nothing for us: the wait goes on.
    if (state === 'waiting' || state === 'busy' || isOther) {
      this.#refused.delete(transfer);
      return;
    }
    this.#isOver = true;
    if (state === 'spoiled' && !this.#store.isBroken)
      this.#output.error(`udpcp: ${written} bytes were written to stdout; they are not a whole file: throw them away`);
    this.#close('the receiver took one file and is done');
  }
}

/** Everything else broke off at the sender or on the way. */
const EXIT_OF: Readonly<Record<number, ExitCode>> = {
  [TRANSFER_CODE.digest]: EXIT.integrity,
  [TRANSFER_CODE.tooLarge]: EXIT.store,
};

const SENSELESS = {
  overwrite: '--overwrite',
  rename: '--rename',
  skipExisting: '--skip-existing',
  allowHidden: '--allow-hidden',
  maxFiles: '--max-files',
  maxSessions: '--max-sessions',
  json: '--json',
  jsonl: '--jsonl',
  receipt: '--receipt',
} as const;

function demandSense(options: RecvCommandOptions): void {
  for (const [name, flag] of Object.entries(SENSELESS) as [keyof typeof SENSELESS, string][]) {
    if (options[name] !== undefined)
      throw new UdpcpError('ERR_USAGE', `--out - writes one file to stdout and nothing else: leave out ${flag}`);
  }
  if (isatty(1))
    throw new UdpcpError('ERR_USAGE', 'stdout is a terminal: send it on to a file or a program, like --out - | cat');
}
