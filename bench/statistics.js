/** The middle value, or the mean of the two in the middle. */
export function median(values) {
  const sorted = values.toSorted((a, b) => a - b);
  const middle = sorted.length >> 1;
  return sorted.length % 2 === 1 ? sorted[middle] : (sorted[middle - 1] + sorted[middle]) / 2;
}

/** From the smallest to the largest, relative to the median: how far to trust it. */
export function spread(values) {
  return (Math.max(...values) - Math.min(...values)) / median(values);
}
