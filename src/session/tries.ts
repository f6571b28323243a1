const MIN_TRIES = 3;
const MAX_TRIES = 10;
/** How likely it may be that every try is lost. */
const ALL_LOST = 0.001;

/** So many tries that one arrives almost surely where this share of the datagrams is lost. */
export function triesAgainstLoss(lossRate: number): number {
  const needed = lossRate > 0 ? Math.ceil(Math.log(ALL_LOST) / Math.log(Math.min(lossRate, 0.9))) : 0;
  return Math.min(MAX_TRIES, Math.max(MIN_TRIES, needed));
}
