import type { Millis } from '../base/units.ts';
import { formatAddress } from '../net/address.ts';
import { clock } from '../net/driver.ts';
import type { FileReceiver } from '../receive/file-receiver.ts';
import type { ReceiveEvent } from '../receive/receive-event.ts';
import { HttpServer } from './http-server.ts';
import { readPageFiles } from './page-files.ts';
import { Prometheus } from './prometheus.ts';
import { Rates } from './rates.ts';
import { type Answer, plain } from './request.ts';
import { type ReceiverFacts, sessionsJson } from './sessions-json.ts';
import { Totals } from './totals.ts';

const INTERVAL: Millis = 1000;

/** A receiver for programs and people to watch: `/metrics` for Prometheus, `/` for a browser. */
export class ReceiverMetrics {
  readonly #files: ReadonlyMap<string, Answer>;
  readonly #totals = new Totals();
  readonly #rates = new Rates();
  #server: HttpServer | undefined;
  #receiver: FileReceiver | undefined;
  #facts: ReceiverFacts | undefined;
  #prometheus: Prometheus | undefined;
  #timer: NodeJS.Timeout | undefined;
  /** Made at most once between two samples, however many look on. */
  #json: string | undefined;

  private constructor(files: ReadonlyMap<string, Answer>) {
    this.#files = files;
  }

  /** On this machine's loopback, port 0: any free one. Rejects with UdpcpError ERR_BIND. */
  static async listen(port: number): Promise<ReceiverMetrics> {
    const metrics = new ReceiverMetrics(await readPageFiles());
    metrics.#server = await HttpServer.listen(port, (path) => metrics.#answer(path));
    return metrics;
  }

  /** Where a browser finds the page; empty once closed. */
  get url(): string {
    return this.#server?.url ?? '';
  }

  /** What happened at the receiver. */
  take(event: ReceiveEvent): void {
    this.#totals.take(event);
  }

  /** The receiver listens: from now on there is something to tell. */
  attach(receiver: FileReceiver, version: string): void {
    this.#receiver = receiver;
    this.#facts = { version, address: formatAddress(receiver.address), startedAt: Date.now() };
    this.#prometheus = new Prometheus(version, () => ({
      counts: receiver.counts,
      live: receiver.progress,
      totals: this.#totals,
    }));
    this.#sample();
    this.#timer = setInterval(() => this.#sample(), INTERVAL).unref();
  }

  async close(): Promise<void> {
    clearInterval(this.#timer);
    await this.#server?.close();
    this.#server = undefined;
  }

  #sample(): void {
    const live = this.#receiver?.progress ?? [];
    this.#rates.sample(clock(), live, this.#totals.sessions(live).bytesReceived);
    this.#json = undefined;
  }

  async #answer(path: string): Promise<Answer> {
    const file = this.#files.get(path);
    if (file !== undefined) return file;
    if (path === '/healthz') return this.#receiver === undefined ? plain(503, 'starting') : plain(200, 'ok');
    if (path === '/sessions.json') return this.#sessions();
    if (path === '/metrics' && this.#prometheus !== undefined) {
      return { status: 200, type: this.#prometheus.contentType, body: await this.#prometheus.render() };
    }
    return path === '/metrics' ? plain(503, 'starting') : plain(404, 'nothing here: / and /metrics are');
  }

  #sessions(): Answer {
    if (this.#receiver === undefined || this.#facts === undefined) return plain(503, 'starting');
    const live = this.#receiver.progress;
    this.#json ??= sessionsJson(this.#facts, Date.now(), live, this.#totals, this.#rates);
    return { status: 200, type: 'application/json; charset=utf-8', body: this.#json };
  }
}
