import type { Bytes, Millis } from '../../base/units.ts';
import { clock } from '../../net/driver.ts';
import type { ChannelChoice } from '../../net/live-channels.ts';
import type { FileReceiver } from '../../receive/file-receiver.ts';
import type { ReceivedFile, ReceiveEvent } from '../../receive/receive-event.ts';
import type { ReceiveProgress } from '../../receive/receive-progress.ts';
import type { ReceiveSecurity } from '../../security.ts';
import { type SessionConfig, sessionConfig } from '../../session/config.ts';
import type { ExitCode } from '../exit-codes.ts';
import { channelJson, ownSecurityJson, securityJson } from './json.ts';
import { errorJson, type JsonFormat, JsonLines, type JsonObject, runtimeJson } from './json-lines.ts';

/** What a run of `recv` was asked to do. */
export interface RecvRun {
  readonly security: ReceiveSecurity;
  readonly session: Partial<SessionConfig>;
  readonly channel: ChannelChoice | undefined;
  /** The options as they were given, by flags and variables. */
  readonly options: object;
}

/** Files of one transfer in the result; the others are only counted, as a peer may offer files without end. */
const MAX_LISTED = 10_000;
const PROGRESS_INTERVAL: Millis = 1000;

/** Files of a transfer that goes on, for the result. */
interface Listed {
  readonly files: ReceivedFile[];
  omitted: number;
}

/** What `udpcp recv` tells a program (docs/json.md): a result at the end, or events as they come about, or nothing. */
export class RecvJson {
  readonly #format: JsonFormat | undefined;
  readonly #run: RecvRun;
  readonly #lines = new JsonLines();
  readonly #startedAt = clock();
  readonly #listed = new Map<number, Listed>();
  readonly #totals = { transfers: 0, stored: 0, skipped: 0, failed: 0, bytes: 0 as Bytes, resumedBytes: 0 as Bytes };
  #receiver: FileReceiver | undefined;
  #last: object | undefined;
  #progressAt = Number.NEGATIVE_INFINITY;

  constructor(format: JsonFormat | undefined, run: RecvRun) {
    this.#format = format;
    this.#run = run;
  }

  start(receiver: FileReceiver): void {
    this.#receiver = receiver;
    const { session, ...common } = this.#common();
    this.#event({ type: 'start', ...common, parameters: session });
  }

  take(event: ReceiveEvent): void {
    switch (event.kind) {
      case 'started': {
        const { transfer, peer, security } = event;
        this.#listed.set(transfer, { files: [], omitted: 0 });
        this.#event({ type: 'session', transfer, peer, security: securityJson(security) });
        break;
      }
      case 'resuming': {
        const { transfer, peer, name, resumedBytes, size } = event;
        this.#event({ type: 'resuming', transfer, peer, name, resumedBytes, size });
        break;
      }
      case 'file': {
        const { transfer, peer, file } = event;
        if (this.#format === 'json') this.#list(transfer, file);
        if (file.status === 'skipped') this.#totals.skipped++;
        this.#event({ type: 'file', transfer, peer, ...file });
        break;
      }
      case 'ended':
        this.#takeEnd(event);
        break;
    }
  }

  /** To be called often: at most one a second is told of each transfer. */
  progress(transfers: readonly ReceiveProgress[]): void {
    const now = clock();
    if (transfers.length === 0 || now - this.#progressAt < PROGRESS_INTERVAL) return;
    this.#progressAt = now;
    for (const { transfer, peer, name, bytes, bytesTotal } of transfers) {
      this.#event({ type: 'progress', transfer, peer, name, bytes, bytesTotal });
    }
  }

  /** Something went wrong that does not end the receiver. */
  error(failure: unknown): void {
    this.#event({ type: 'error', error: errorJson(failure) });
  }

  end(exitCode: ExitCode): void {
    const outcome = {
      ok: exitCode === 0,
      exitCode,
      elapsedMs: clock() - this.#startedAt,
      totals: this.#totals,
    };
    if (this.#format === 'json') {
      const { session, ...common } = this.#common();
      const transfer = this.#last;
      const result = { ...outcome, error: null, ...common, parameters: { asked: session }, transfer };
      this.#lines.write({ type: 'result', command: 'recv', ...result });
    }
    const statistics = { channel: this.#receiver?.channel };
    this.#event({ type: 'end', ...outcome, statistics, dropped: this.#lines.dropped });
  }

  #list(transfer: number, file: ReceivedFile): void {
    const listed = this.#listed.get(transfer);
    if (listed === undefined) return;
    if (listed.files.length < MAX_LISTED) listed.files.push(file);
    else listed.omitted++;
  }

  #takeEnd(event: Extract<ReceiveEvent, { kind: 'ended' }>): void {
    const { transfer, peer, end, text, stored, alreadyThere, failed, bytes, resumedBytes } = event;
    const { elapsed, security, stats } = event;
    const { files = [], omitted = 0 } = this.#listed.get(transfer) ?? {};
    this.#listed.delete(transfer);
    this.#totals.transfers++;
    this.#totals.stored += stored;
    this.#totals.failed += failed;
    this.#totals.bytes += bytes;
    this.#totals.resumedBytes += resumedBytes;
    const told = {
      ok: end === 'complete' && failed === 0,
      transfer,
      peer,
      end,
      text,
      stored,
      alreadyThere,
      failed,
      bytes,
      resumedBytes,
      security: securityJson(security),
      elapsedMs: elapsed,
      statistics: { session: stats, channel: this.#receiver?.channel },
    };
    this.#last = { ...told, files, filesOmitted: omitted };
    this.#event({ type: 'transfer', ...told });
  }

  #common(): { readonly session: SessionConfig; readonly [field: string]: unknown } {
    const { security, session, channel, options } = this.#run;
    return {
      runtime: runtimeJson(),
      address: this.#receiver?.address.address,
      port: this.#receiver?.address.port,
      options,
      session: sessionConfig(session),
      security: ownSecurityJson(security),
      channel: channelJson(channel),
    };
  }

  #event(event: Omit<JsonObject, 'command'> & Pick<JsonObject, 'type'>): void {
    if (this.#format === 'jsonl') this.#lines.write({ command: 'recv', ...event });
  }
}
