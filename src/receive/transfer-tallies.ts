import type { Millis } from '../base/units.ts';
import { formatAddressKey } from '../net/address.ts';
import { securityOf } from '../security.ts';
import type { EntryOutcome } from '../transfer/outcome.ts';
import type { Incoming, IncomingEnd, ReceiverEvent } from '../transfer/receiver.ts';
import { fileOf, nameOf, type ReceiveEvent, wordsOf } from './receive-event.ts';

interface Tally {
  readonly startedAt: Millis;
  stored: number;
  alreadyThere: number;
  failed: number;
}

/** Counts what becomes of the files of each transfer, and tells what happens to whoever runs the receiver. */
export class TransferTallies {
  readonly #tallies = new Map<number, Tally>();

  /** When a transfer began; undefined: it is over. */
  startedAt(id: number): Millis | undefined {
    return this.#tallies.get(id)?.startedAt;
  }

  take(now: Millis, event: ReceiverEvent): ReceiveEvent {
    const { incoming } = event;
    const transfer = incoming.id;
    const peer = formatAddressKey(incoming.session.peer);
    switch (event.kind) {
      case 'started':
        this.#tallies.set(transfer, { startedAt: now, stored: 0, alreadyThere: 0, failed: 0 });
        return { kind: 'started', transfer, peer, security: securityOf(incoming.session) };
      case 'resuming': {
        const { offer, offset: resumedBytes } = event.resumption;
        return { kind: 'resuming', transfer, peer, name: nameOf(offer.path), resumedBytes, size: offer.size ?? 0 };
      }
      case 'entry':
        this.#count(transfer, event.outcome);
        return { kind: 'file', transfer, peer, file: fileOf(event.outcome) };
      case 'ended': {
        const ended = this.#ended(now, incoming, peer, event.end);
        this.#tallies.delete(transfer);
        return ended;
      }
    }
  }

  #count(id: number, { status, alreadyThere }: EntryOutcome): void {
    const tally = this.#tallies.get(id);
    if (tally === undefined) return;
    if (alreadyThere) tally.alreadyThere++;
    if (status === 'stored') tally.stored++;
    else if (status !== 'skipped') tally.failed++;
  }

  #ended(now: Millis, { id, session, transfer }: Incoming, peer: string, end: IncomingEnd): ReceiveEvent {
    const { startedAt = now, stored = 0, alreadyThere = 0, failed = 0 } = this.#tallies.get(id) ?? {};
    const { bytes, resumed } = transfer.progress;
    const elapsed = now - startedAt;
    return {
      kind: 'ended',
      transfer: id,
      peer,
      end: end.kind,
      text: wordsOf(end),
      stored,
      alreadyThere,
      failed,
      bytes: bytes - resumed,
      resumedBytes: resumed,
      elapsed,
      security: securityOf(session),
      stats: session.stats,
    };
  }
}
