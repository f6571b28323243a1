import { columns, printable } from '../../printable.ts';
import { formatByteRate, formatCount, formatDuration, formatInteger, formatPercent, formatSize } from '../format.ts';
import type { ProgressView } from './progress-tracker.ts';

const GAP = '  ';
const NAME_COLUMNS = { min: 8, max: 32 };
const BAR_COLUMNS = { min: 10, max: 30 };

interface Field {
  readonly text: string | undefined;
  /** What has no room is left out, from the highest number down. */
  readonly rank: number;
}

/** One line that fits in `width` columns, with as many fields as have room, with a bar or without. */
export function progressLine(view: ProgressView, width: number, style: 'bar' | 'text'): string {
  const { ratio, total, eta, rtt, lossRate, resent } = view;
  const waiting = view.waiting && printable(view.waiting, { max: width });
  const name = printable(view.name, { max: share(width / 4, NAME_COLUMNS) });
  const size = total === undefined ? formatSize(view.bytes) : `${formatSize(view.bytes)} of ${formatSize(total)}`;
  const files = view.files && `${formatInteger(view.files.done)}/${formatCount(view.files.all, 'file')}`;
  const fields: Field[] = [
    { text: waiting === undefined ? name : undefined, rank: 3 },
    { text: waiting === undefined ? files : undefined, rank: 4 },
    { text: style === 'bar' && ratio !== undefined ? drawBar(ratio, width) : undefined, rank: 6 },
    { text: ratio === undefined ? undefined : `${Math.floor(ratio * 100)}%`.padStart(4), rank: 0 },
    { text: size, rank: 1 },
    { text: waiting ?? motion(view), rank: waiting === undefined ? 2 : -1 },
    { text: waiting === undefined ? `average ${formatByteRate(view.averageRate)}` : undefined, rank: 7 },
    { text: eta === undefined ? undefined : `ETA ${formatDuration(Math.ceil(eta / 1000) * 1000)}`, rank: 5 },
    { text: rtt === undefined ? undefined : `RTT ${formatDuration(rtt)}`, rank: 8 },
    { text: lossRate === undefined ? undefined : `loss ${formatPercent(lossRate)}`, rank: 9 },
    { text: resent === undefined ? undefined : `resent ${formatCount(resent, 'datagram')}`, rank: 10 },
  ];
  return joinFitting(fields, width);
}

function motion({ stalled, rate }: ProgressView): string {
  return stalled === undefined ? formatByteRate(rate) : `stalled ${formatDuration(Math.floor(stalled / 1000) * 1000)}`;
}

function joinFitting(fields: readonly Field[], width: number): string {
  const chosen = new Set<Field>();
  let room = width + GAP.length;
  for (const field of fields.toSorted((a, b) => a.rank - b.rank)) {
    if (field.text === undefined) continue;
    room -= columns(field.text) + GAP.length;
    if (room < 0) break;
    chosen.add(field);
  }
  return fields.flatMap((field) => (chosen.has(field) ? [field.text] : [])).join(GAP);
}

function drawBar(ratio: number, width: number): string {
  const size = share(width / 5, BAR_COLUMNS);
  const done = Math.floor(ratio * size);
  return `[${'='.repeat(done)}${'-'.repeat(size - done)}]`;
}

function share(columnsWanted: number, { min, max }: { readonly min: number; readonly max: number }): number {
  return Math.floor(Math.min(max, Math.max(min, columnsWanted)));
}
