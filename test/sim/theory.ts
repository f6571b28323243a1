import type { ArqName } from '../../src/wire/terms.ts';

/** One experiment of the textbooks: a sender that is never idle, and acknowledgements that are never lost. */
export interface Cell {
  readonly arq: ArqName;
  /** Propagation delay, in transmission times of one packet. */
  readonly a: number;
  /** Packets in flight at most. */
  readonly window: number;
  /** Probability that a packet is lost. */
  readonly loss: number;
  /** Whether a window too small for the path leaves at once, or evenly over a round trip. */
  readonly sending: 'at-once' | 'spread';
}

/** From sending a packet to its acknowledgement, in transmission times of one packet. */
export const roundTrip = (a: number): number => 1 + 2 * a;

/** Share of the link's capacity that delivers new packets. */
export function theoreticalEfficiency(cell: Cell): number {
  const { arq, a, window, loss: p } = cell;
  const cycle = roundTrip(a);
  const isFull = window >= cycle;
  switch (arq) {
    case 'stop-and-wait':
      return (1 - p) / cycle;
    case 'go-back-n':
      if (isFull) return (1 - p) / (1 + 2 * a * p);
      return cell.sending === 'at-once' ? burstEfficiency(cell) : (window * (1 - p)) / (cycle * (1 - p + window * p));
    case 'selective-repeat':
      return isFull ? 1 - p : (window * (1 - p)) / cycle;
  }
}

/**
 * Go-back-N with a window that leaves at once, then pauses for the rest of the round trip. The textbooks spread that
 * pause evenly over the window; but going back begins a fresh window, so a loss often spares the pause. Between two
 * losses q/p packets get through, one transmission each, with a pause after every W-th; the loss costs a round trip.
 */
function burstEfficiency({ a, window, loss: p }: Cell): number {
  if (p === 0) return window / roundTrip(a);
  const q = 1 - p;
  const pauses = q ** window / (1 - q ** window);
  return q / p / (q / p + (roundTrip(a) - window) * pauses + roundTrip(a));
}

/** Standard deviation of the time that one packet takes, divided by its mean. */
export function timeVariation({ arq, a, window, loss: p }: Cell): number {
  const costOfLoss = arq === 'go-back-n' ? Math.min(window, roundTrip(a)) : 1;
  return (costOfLoss * Math.sqrt(p)) / (1 - p + costOfLoss * p);
}
