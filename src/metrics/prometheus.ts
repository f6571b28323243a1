import { Counter, collectDefaultMetrics, Gauge, Registry } from 'prom-client';
import type { ReceiveCounts, ReceiveProgress } from '../receive/receive-progress.ts';
import { packetsCame, type SessionStats } from '../session/stats.ts';
import type { Totals } from './totals.ts';

/** What is told of a receiver. */
export interface Reading {
  readonly counts: ReceiveCounts;
  readonly live: readonly ReceiveProgress[];
  readonly totals: Totals;
}

/** A value without labels, or with a value of the one label each. */
type Values = number | Iterable<readonly [string, number]>;

/** Known from the start, so that a rate over their first increase is right. */
const ENDS = ['complete', 'silence', 'cancelled', 'no-progress', 'closed-by-peer', 'violation'];
const STATUSES = ['stored', 'skipped', 'refused', 'failed'];

/** A receiver as Prometheus reads it. No label holds anything that a peer chose: their number is fixed. */
export class Prometheus {
  readonly #registry = new Registry();
  readonly #read: () => Reading;
  /** Of the text that is being made. */
  #reading: Reading;
  #stats: SessionStats;
  #text: Promise<string> | undefined;

  constructor(version: string, read: () => Reading) {
    this.#read = read;
    this.#reading = read();
    this.#stats = this.#reading.totals.sessions(this.#reading.live);
    collectDefaultMetrics({ register: this.#registry });
    new Gauge({
      name: 'udpcp_build_info',
      help: 'Always 1; the labels say what runs.',
      labelNames: ['version', 'node'],
      registers: [this.#registry],
    }).set({ version, node: process.versions.node }, 1);
    this.#addReceiver();
    this.#addTraffic();
    this.#addHandshakes();
  }

  get contentType(): string {
    return this.#registry.contentType;
  }

  /** The text format; whoever asks while it is made gets the same. */
  render(): Promise<string> {
    this.#text ??= this.#render().finally(() => {
      this.#text = undefined;
    });
    return this.#text;
  }

  async #render(): Promise<string> {
    this.#reading = this.#read();
    this.#stats = this.#reading.totals.sessions(this.#reading.live);
    return await this.#registry.metrics();
  }

  #addReceiver(): void {
    const counts = (): ReceiveCounts => this.#reading.counts;
    const totals = (): Totals => this.#reading.totals;
    this.#gauge('udpcp_transfers_open', 'Transfers that are going on.', () => this.#reading.live.length);
    this.#gauge('udpcp_sessions_open', 'Sessions held: beginning, going on and closing.', () => counts().sessions);
    this.#gauge(
      'udpcp_sessions_pending',
      'Of those, the ones whose senders were not heard yet.',
      () => counts().pending,
    );
    this.#counter(
      'udpcp_transfers_total',
      'Transfers that ended, by how.',
      () => counted(ENDS, totals().transfers),
      'end',
    );
    this.#counter(
      'udpcp_files_total',
      'Offered files, by what became of them.',
      () => counted(STATUSES, totals().files),
      'status',
    );
    this.#counter('udpcp_stored_bytes_total', 'Sizes of the files that were stored.', () => totals().storedBytes);
  }

  #addTraffic(): void {
    const counts = (): ReceiveCounts => this.#reading.counts;
    this.#counter('udpcp_received_bytes_total', 'UDP payload that came to the port.', () => counts().bytesReceived);
    this.#counter('udpcp_datagrams_received_total', 'Datagrams that came.', () => counts().datagramsReceived);
    this.#counter('udpcp_datagrams_sent_total', 'Datagrams sent in sessions.', () => this.#stats.datagramsSent);
    this.#counter(
      'udpcp_datagrams_dropped_total',
      'Datagrams of no use, by why: for no session, unread HELLOs, damaged or forged, copies, out of order.',
      () => [
        ['stray', counts().strays],
        ['unread', counts().hellosUnread],
        ['damaged', this.#stats.damaged],
        ['duplicate', this.#stats.duplicates],
        ['out-of-order', this.#stats.notKept],
      ],
      'reason',
    );
    this.#counter(
      'udpcp_session_packets_expected_total',
      'Packets that senders sent, as the numbers of those that came say (a few belong to none); without those received: lost on the way.',
      () => this.#stats.packetsExpected,
    );
    this.#counter(
      'udpcp_session_packets_received_total',
      'Packets that came in sessions, without damaged ones and copies.',
      () => packetsCame(this.#stats),
    );
    this.#counter(
      'udpcp_datagrams_resent_total',
      'Datagrams with answers that were sent again.',
      () => this.#stats.dataResent,
    );
  }

  #addHandshakes(): void {
    const counts = (): ReceiveCounts => this.#reading.counts;
    this.#counter(
      'udpcp_handshakes_total',
      'HELLOs that were answered, by how; confirmed: the sender then proved itself.',
      () => [
        ['cookie', counts().cookies],
        ['accepted', counts().accepted],
        ['confirmed', counts().confirmed],
        ['busy', counts().refusedBusy],
        ['refused', counts().refusedOther],
      ],
      'answer',
    );
  }

  #gauge(name: string, help: string, value: () => number): void {
    new Gauge({
      name,
      help,
      registers: [this.#registry],
      collect() {
        this.set(value());
      },
    });
  }

  /** A counter that is kept elsewhere. */
  #counter(name: string, help: string, values: () => Values, label?: string): void {
    new Counter({
      name,
      help,
      labelNames: label === undefined ? [] : [label],
      registers: [this.#registry],
      collect() {
        this.reset();
        const all = values();
        if (typeof all === 'number') this.inc(all);
        else for (const [value, count] of all) this.inc({ [label ?? '']: value }, count);
      },
    });
  }
}

/** What was counted, and 0 for what could have been. */
function counted(known: readonly string[], counts: ReadonlyMap<string, number>): [string, number][] {
  return [...new Set([...known, ...counts.keys()])].map((value) => [value, counts.get(value) ?? 0]);
}
