import type { Bytes } from '../base/units.ts';
import { printable } from '../printable.ts';
import { nameOf } from '../receive/receive-event.ts';
import { addStats, type SessionStats } from '../session/stats.ts';
import type { EntryOutcome, Had } from '../transfer/outcome.ts';
import type { OutgoingEntry } from '../transfer/ports.ts';
import type { Sender } from '../transfer/sender.ts';
import type { Reconnecting, SendProgress, SendResumption } from './send-progress.ts';

/** What became of the entries of one sending so far, over all its sessions. */
export class SendLedger {
  readonly #entries: readonly OutgoingEntry[];
  readonly #outcomes: (EntryOutcome | undefined)[];
  /** What the receiver had of each entry when it was first accepted: what is there later was sent meanwhile. */
  readonly #had = new Map<number, Had>();
  /** Indexes of the entries without an outcome: those that the next session sends. */
  #open: readonly number[];
  #remaining: readonly OutgoingEntry[];
  /** Nobody knows how much there is to send. */
  readonly #hasStream: boolean;
  #storedBytes: Bytes = 0;
  /** The most that was ever acknowledged. */
  #furthest: Bytes = 0;
  #stats: SessionStats | undefined;

  constructor(entries: readonly OutgoingEntry[]) {
    this.#entries = entries;
    this.#outcomes = entries.map(() => undefined);
    this.#open = entries.map((_, index) => index);
    this.#remaining = entries;
    this.#hasStream = entries.some(({ offer }) => offer.size === undefined);
  }

  /** One per entry, in the order given; undefined: not known yet. */
  get outcomes(): readonly (EntryOutcome | undefined)[] {
    return this.#outcomes;
  }

  /** What the next session has to send. */
  get remaining(): readonly OutgoingEntry[] {
    return this.#remaining;
  }

  /** Of all sessions that are over; undefined: there was none. */
  get stats(): SessionStats | undefined {
    return this.#stats;
  }

  /** Takes over what a session that is over came to. Returns whether it got further than every one before. */
  add(sender: Sender, outcomes: readonly (EntryOutcome | undefined)[]): boolean {
    const acknowledged = this.#acknowledged(sender);
    const settled = this.#open.filter((_, i) => outcomes[i] !== undefined).length;
    const open = this.#open;
    open.forEach((index, i) => {
      const outcome = this.#corrected(index, outcomes[i]);
      this.#outcomes[index] = outcome;
      if (outcome?.status === 'stored') this.#storedBytes += outcome.size ?? 0;
    });
    sender.transfer?.had.forEach((had, i) => {
      const index = open[i];
      if (index !== undefined && !this.#had.has(index)) this.#had.set(index, had);
    });
    this.#open = open.filter((index) => this.#outcomes[index] === undefined);
    this.#remaining = this.#open.flatMap((index) => this.#entries[index] ?? []);
    if (sender.session !== undefined) this.#stats = addStats(this.#stats, sender.session.stats);
    const isFurther = settled > 0 || acknowledged > this.#furthest;
    this.#furthest = Math.max(this.#furthest, acknowledged);
    return isFurther;
  }

  /** How far all is, with the session that goes on or is being tried; undefined: between two of them. */
  progress(sender: Sender | undefined, reconnecting: Reconnecting | undefined): SendProgress {
    const session = sender?.session;
    const transfer = sender?.transfer?.progress;
    // What was read is not yet what arrived: the last file is under way until all of it is acknowledged.
    const isUnderWay = (session?.unacknowledged ?? 0) > 0;
    const index = transfer?.current ?? (isUnderWay ? this.#remaining.length - 1 : undefined);
    const current = index === undefined ? undefined : this.#remaining[index];
    const toSend = transfer?.bytesTotal ?? this.#remaining.reduce((sum, { offer }) => sum + (offer.size ?? 0), 0);
    return {
      name: current && printable(current.offer.path.at(-1) ?? ''),
      bytes: sender === undefined ? this.#storedBytes : this.#acknowledged(sender),
      resumed: transfer?.resumed ?? 0,
      bytesTotal: this.#hasStream ? undefined : this.#storedBytes + toSend,
      filesDone: this.#entries.length - this.#remaining.length + (transfer?.entriesDone ?? 0),
      files: this.#entries.length,
      reconnecting: session === undefined ? reconnecting : undefined,
      stats: session === undefined ? this.#stats : addStats(this.#stats, session.stats),
      srtt: session?.rtt.latest === undefined ? undefined : session.rtt.srtt,
    };
  }

  /** One per entry, with those that the session that goes on has settled so far. */
  outcomesWith({ transfer }: Sender): readonly (EntryOutcome | undefined)[] {
    const all = [...this.#outcomes];
    transfer?.outcomes.forEach((outcome, i) => {
      const index = this.#open[i];
      if (index !== undefined) all[index] = this.#corrected(index, outcome);
    });
    return all;
  }

  /** The entries that went on where an earlier sending stopped, since the last call. */
  resumptionsOf({ transfer }: Sender): SendResumption[] {
    return (transfer?.takeResumptions() ?? []).flatMap(({ index: i, offset }) =>
      this.#resumption(this.#open[i], offset),
    );
  }

  #resumption(index: number | undefined, offset: Bytes): SendResumption[] {
    const offer = index === undefined ? undefined : this.#entries[index]?.offer;
    // What this sending sent itself is gone on with in silence.
    if (index === undefined || offer?.size === undefined || this.#had.has(index)) return [];
    return [{ name: nameOf(offer.path), resumedBytes: offset, size: offer.size }];
  }

  /** An outcome of any session, with what the receiver had before the first one. */
  #corrected(index: number, outcome: EntryOutcome | undefined): EntryOutcome | undefined {
    const first = this.#had.get(index);
    if (first === undefined || outcome?.status !== 'stored') return outcome;
    return { ...outcome, ...first, resumed: Math.min(first.resumed, outcome.resumed) };
  }

  #acknowledged({ session, transfer }: Sender): Bytes {
    return this.#storedBytes + Math.max(0, (transfer?.progress.bytes ?? 0) - (session?.unacknowledged ?? 0));
  }
}
