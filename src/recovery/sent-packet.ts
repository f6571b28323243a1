import type { Bytes, Millis, PacketNumber, StreamOffset } from '../base/units.ts';
import { type DeliverySnapshot, emptySnapshot } from './delivery-rate.ts';

/** Stream bytes in a packet. */
interface SentData {
  readonly offset: StreamOffset;
  readonly length: Bytes;
  readonly fin: boolean;
}

/** What a packet carried that has to arrive: enough to send it again under another number. */
export interface SentContent {
  /** Undefined: no DATA frame. */
  readonly data: SentData | undefined;
  /** A CREDIT frame was in it. */
  readonly credit: boolean;
  /** A PATH_CHALLENGE or PATH_RESPONSE frame was in it. */
  readonly path: boolean;
}

/** One ack-eliciting packet that was sent. Nobody keeps it beyond a call: once it is forgotten it becomes another one. */
export interface SentPacket extends SentContent {
  readonly number: PacketNumber;
  readonly sentAt: Millis;
  readonly size: Bytes;
  /** Known when it is acknowledged: not cwnd was the limit, but what there was to send or might be (RFC 9002 section 7.8). */
  appLimited: boolean;
  readonly delivery: DeliverySnapshot;
  state: 'in-flight' | 'acked' | 'lost';
}

/**
 * Room for one packet after another. What lives for a round trip is the costliest garbage: it is copied by the collector
 * until it counts as old, and then lies there until all that is old is searched. So a packet's parts are written over.
 */
export class PacketRecord implements SentPacket {
  number: PacketNumber = 0;
  sentAt: Millis = 0;
  size: Bytes = 0;
  data: SentData | undefined;
  credit = false;
  path = false;
  appLimited = false;
  /** The caller's to fill in. */
  readonly delivery = emptySnapshot();
  state: SentPacket['state'] = 'in-flight';
  readonly #data = { offset: 0, length: 0, fin: false };

  begin(number: PacketNumber, sentAt: Millis, size: Bytes, { data, credit, path }: SentContent): void {
    this.number = number;
    this.sentAt = sentAt;
    this.size = size;
    this.data = data === undefined ? undefined : this.#copy(data);
    this.credit = credit;
    this.path = path;
    this.appLimited = false;
    this.state = 'in-flight';
  }

  #copy({ offset, length, fin }: SentData): SentData {
    const copy = this.#data;
    copy.offset = offset;
    copy.length = length;
    copy.fin = fin;
    return copy;
  }
}
