import type { Millis } from '../../base/units.ts';
import type { UdpcpError } from '../../errors.ts';
import { formatAddress } from '../../net/address.ts';
import { clock } from '../../net/driver.ts';
import type { ChannelChoice } from '../../net/live-channels.ts';
import type { SendSecurity, SessionSecurity } from '../../security.ts';
import type { RetryEvent, SendProgress, SendResumption } from '../../send/send-progress.ts';
import type { SendResult, SentFile } from '../../send/send-result.ts';
import { type SessionConfig, sessionConfig } from '../../session/config.ts';
import { lossRate } from '../../session/stats.ts';
import type { ExitCode } from '../exit-codes.ts';
import type { Target } from '../options/target.ts';
import { agreedJson, channelJson, ownSecurityJson, securityJson } from './json.ts';
import { errorJson, type JsonFormat, JsonLines, type JsonObject, runtimeJson } from './json-lines.ts';

/** What a run of `send` was asked to do. */
export interface SendRun {
  /** What is sent, as it was named. */
  readonly paths: readonly string[];
  readonly target: Target;
  readonly session: Partial<SessionConfig>;
  readonly security: SendSecurity;
  readonly channel: ChannelChoice | undefined;
  /** The options as they were given, by flags and variables. */
  readonly options: object;
}

const PROGRESS_INTERVAL: Millis = 1000;

/** What `udpcp send` tells a program (docs/json.md): a result at the end, or events as they come about, or nothing. */
export class SendJson {
  readonly #format: JsonFormat | undefined;
  readonly #run: SendRun;
  readonly #lines = new JsonLines();
  readonly #told = new Set<number>();
  #progressAt = Number.NEGATIVE_INFINITY;
  /** Why the last session was lost. */
  #lost: UdpcpError | undefined;

  constructor(format: JsonFormat | undefined, run: SendRun) {
    this.#format = format;
    this.#run = run;
  }

  start(): void {
    const { paths, target, session, security, channel, options } = this.#run;
    this.#event({
      type: 'start',
      runtime: runtimeJson(),
      paths,
      target,
      options,
      parameters: sessionConfig(session),
      security: ownSecurityJson(security),
      channel: channelJson(channel),
    });
  }

  session(security: SessionSecurity): void {
    this.#event({ type: 'session', transfer: null, peer: this.#peer, security: securityJson(security) });
  }

  /** A file goes on where an earlier sending stopped. */
  resuming({ name, resumedBytes, size }: SendResumption): void {
    this.#event({ type: 'resuming', transfer: null, peer: this.#peer, name, resumedBytes, size });
  }

  /** What became of one of the files; each is told once, the others at the end. */
  file(index: number, file: SentFile): void {
    if (this.#told.has(index)) return;
    this.#told.add(index);
    this.#event({ type: 'file', transfer: null, peer: this.#peer, ...file });
  }

  /** To be called often: at most one a second is told. */
  progress({ name, bytes, bytesTotal, filesDone, stats, srtt }: SendProgress): void {
    const now = clock();
    if (now - this.#progressAt < PROGRESS_INTERVAL) return;
    this.#progressAt = now;
    const session = { resent: stats?.dataResent, lossRate: stats && lossRate(stats), srttMs: srtt };
    this.#event({ type: 'progress', transfer: null, peer: this.#peer, name, bytes, bytesTotal, filesDone, ...session });
  }

  /** Every call after the loss of a session is an event, with why there is none. */
  retry(event: RetryEvent): void {
    if (event.kind === 'lost') this.#lost = event.why;
    if (event.kind !== 'calling') return;
    const { attempt, left } = event;
    this.#event({ type: 'retry', attempt, code: this.#lost?.code, text: this.#lost?.message, leftMs: left });
  }

  end(result: SendResult | undefined, failure: unknown, exitCode: ExitCode): void {
    const { paths, target, session, security, channel, options } = this.#run;
    const error = errorJson(failure, exitCode);
    const outcome = {
      ok: exitCode === 0,
      exitCode,
      elapsedMs: result?.elapsed,
      reconnections: result?.reconnections ?? 0,
      agreed: result?.terms && agreedJson(result.terms),
      statistics: {
        session: result?.stats,
        srttMs: result?.srtt,
        datagramSize: result?.datagramSize,
        channel: result?.channel,
      },
    };
    if (this.#format === 'json') {
      const { agreed, ...ended } = outcome;
      this.#lines.write({
        type: 'result',
        command: 'send',
        ...ended,
        error,
        runtime: runtimeJson(),
        paths,
        target,
        options,
        parameters: { asked: sessionConfig(session), agreed },
        security: result?.security ? securityJson(result.security) : ownSecurityJson(security),
        channel: channelJson(channel),
        files: result?.files ?? [],
        leftOut: result?.leftOut ?? [],
      });
      return;
    }
    result?.files.forEach((file, index) => {
      this.file(index, file);
    });
    if (error !== null) this.#event({ type: 'error', error });
    this.#event({ type: 'end', ...outcome, totals: totalsOf(result), dropped: this.#lines.dropped });
  }

  get #peer(): string {
    const { host, port } = this.#run.target;
    return formatAddress({ address: host, port });
  }

  #event(event: Omit<JsonObject, 'command'> & Pick<JsonObject, 'type'>): void {
    if (this.#format === 'jsonl') this.#lines.write({ command: 'send', ...event });
  }
}

function totalsOf(result: SendResult | undefined): object {
  const files = result?.files ?? [];
  const stored = files.filter(({ status }) => status === 'stored');
  const skipped = files.filter(({ status }) => status === 'skipped');
  return {
    transfers: result?.terms === undefined ? 0 : 1 + result.reconnections,
    stored: stored.length,
    skipped: skipped.length,
    failed: files.length - stored.length - skipped.length,
    bytes: stored.reduce((sum, { size = 0 }) => sum + size, 0),
    resumedBytes: stored.reduce((sum, { resumedBytes }) => sum + resumedBytes, 0),
  };
}
