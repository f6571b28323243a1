import type { Bytes, BytesPerMilli, Millis } from '../base/units.ts';

/** One direction of a lossy channel. Every field may be left out: an empty spec delivers everything, at once, in order. */
export interface ChannelSpec {
  /** Each datagram is lost independently with this probability. */
  readonly loss?: number | undefined;
  /** Loss in runs (the Gilbert-Elliott model): a mean of 1 / leave datagrams in a row. */
  readonly burst?: BurstSpec | undefined;
  /** Exactly these datagrams are lost, counted from 0 in this direction; ranges may overlap, in any order. */
  readonly dropList?: readonly IndexRange[] | undefined;
  /** Spans of time in which everything is lost. */
  readonly blackouts?: readonly BlackoutSpec[] | undefined;
  /** The largest datagram that passes, in bytes of UDP payload; larger ones are lost without a word. */
  readonly mtu?: Bytes | undefined;
  readonly duplicate?: DuplicateSpec | undefined;
  /** Propagation delay, the same for every datagram. */
  readonly delay?: Millis | undefined;
  /** Extra delay, uniform in 0..jitter for each datagram on its own, so it may reorder. */
  readonly jitter?: Millis | undefined;
  readonly reorder?: ReorderSpec | undefined;
  /** Probability that 1 to 8 distinct bits of a datagram are flipped. */
  readonly corrupt?: number | undefined;
  /** Probability that a datagram is cut to a uniform 0..size - 1 bytes. */
  readonly truncate?: number | undefined;
  /** The bottleneck: UDP payload bytes per millisecond; unlimited if left out. */
  readonly rate?: BytesPerMilli | undefined;
  /**
   * Most bytes that wait at the bottleneck, the datagram being sent included; what does not fit is lost (drop-tail).
   * Default: rate times delay, at least 64 KiB. Without a rate it has no effect.
   */
  readonly queue?: Bytes | undefined;
}

export interface BurstSpec {
  /** Probability, at each datagram, that the good state turns bad; everything is lost while bad. */
  readonly enter: number;
  /** Probability, at each datagram, that the bad state turns good. */
  readonly leave: number;
}

/** Datagram indices `first` to `last`, both included. */
export interface IndexRange {
  readonly first: number;
  readonly last: number;
}

export interface BlackoutSpec {
  /** Counted from the first datagram of the direction. */
  readonly start: Millis;
  readonly duration: Millis;
  /** Repeats with this period, start to start; it is longer than the duration. */
  readonly every?: Millis | undefined;
}

export interface DuplicateSpec {
  readonly probability: number;
  /** The copy comes a uniform 0..maxDelay later. Default 10 ms. */
  readonly maxDelay?: Millis | undefined;
}

export interface ReorderSpec {
  readonly probability: number;
  /** A picked datagram is held back by a uniform gap / 2..gap, so whatever follows within gap / 2 overtakes it. Default 10 ms. */
  readonly gap?: Millis | undefined;
}

/** True if the channel would hand on every datagram untouched and at once. */
export function isClear(spec: ChannelSpec): boolean {
  return (
    !spec.loss &&
    !spec.burst?.enter &&
    !spec.dropList?.length &&
    !spec.blackouts?.some((blackout) => blackout.duration > 0) &&
    !spec.duplicate?.probability &&
    !spec.delay &&
    !spec.jitter &&
    !spec.reorder?.probability &&
    !spec.corrupt &&
    !spec.truncate &&
    spec.rate === undefined &&
    spec.mtu === undefined
  );
}

/** The first thing wrong with a spec, in words and on one line; undefined if it is sound. Never throws. */
export function validateSpec(spec: ChannelSpec): string | undefined {
  const probabilities: readonly (readonly [string, number | undefined])[] = [
    ['loss', spec.loss],
    ['burst enter', spec.burst?.enter],
    ['burst leave', spec.burst?.leave],
    ['duplicate', spec.duplicate?.probability],
    ['reorder', spec.reorder?.probability],
    ['corrupt', spec.corrupt],
    ['truncate', spec.truncate],
  ];
  for (const [name, value] of probabilities) {
    if (value !== undefined && !(value >= 0 && value <= 1)) return `${name}: ${value} is not a probability in 0..1`;
  }
  const amounts: readonly (readonly [string, number | undefined])[] = [
    ['mtu', spec.mtu],
    ['duplicate delay', spec.duplicate?.maxDelay],
    ['delay', spec.delay],
    ['jitter', spec.jitter],
    ['reorder gap', spec.reorder?.gap],
    ['queue', spec.queue],
  ];
  for (const [name, value] of amounts) {
    if (value !== undefined && !isAmount(value)) return `${name}: ${value} is not a finite number of 0 or more`;
  }
  if (spec.rate !== undefined && !(spec.rate > 0 && Number.isFinite(spec.rate))) {
    return `rate: ${spec.rate} is not a finite number above 0`;
  }
  return findBadRange(spec.dropList ?? []) ?? findBadBlackout(spec.blackouts ?? []);
}

const isAmount = (value: number): boolean => Number.isFinite(value) && value >= 0;

function findBadRange(ranges: readonly IndexRange[]): string | undefined {
  const isIndex = (value: number): boolean => Number.isSafeInteger(value) && value >= 0;
  const bad = ranges.find(({ first, last }) => !isIndex(first) || !isIndex(last) || last < first);
  return bad && `drop list: ${bad.first}-${bad.last} is not a range of datagram indices`;
}

function findBadBlackout(blackouts: readonly BlackoutSpec[]): string | undefined {
  for (const { start, duration, every } of blackouts) {
    if (!isAmount(start) || !isAmount(duration)) {
      return `blackout: start ${start} and duration ${duration} are not both finite and 0 or more`;
    }
    if (every !== undefined && !(every > duration && Number.isFinite(every))) {
      return `blackout: the period ${every} is not finite and longer than the duration ${duration}`;
    }
  }
  return undefined;
}
