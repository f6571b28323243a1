import { printable } from '../printable.ts';
import type { SendResumption } from '../send/send-progress.ts';
import type { SendResult, SentFile } from '../send/send-result.ts';
import { formatCount } from './format.ts';
import { summaryLine } from './report.ts';

/** Lines about files of one kind; the others are only counted. */
export const MAX_LINES = 100;
/** So many files that were there already are named, each with a line; more are only counted unless everything is told. */
const FEW = 5;

/** What a sending tells of the files that are stored now: what was sent, and what was there already. */
export function sentLines(result: SendResult, isVerbose = false): string[] {
  const { files, elapsed, reconnections, stats } = result;
  const stored = files.filter(({ status }) => status === 'stored');
  const there = stored.filter(wasThere);
  const sent = stored.filter((file) => !wasThere(file));
  const others = sent.flatMap(({ kind }) => (kind === 'file' ? [] : [kind]));
  const count = sent.length - others.length;
  const lines: string[] = [];
  // Directories cost nothing: beside files that were all there they are no news.
  if (count > 0 || others.includes('link') || (others.length > 0 && there.length === 0)) {
    const sizes = sum(sent, ({ size = 0 }) => size);
    const resumedBytes = sum(sent, (file) => file.resumedBytes);
    const datagrams = stats && { sent: stats.dataSent, resent: stats.dataResent };
    const counts = { files: count, others, bytes: sizes - resumedBytes, resumedBytes };
    lines.push(summaryLine({ verb: 'sent', ...counts, elapsed, datagrams, reconnections }));
    if (there.length > 0) lines.push(thereWords(there.length));
  } else if (there.length > 0) lines.push(`${thereWords(there.length)}, nothing had to be sent`);
  if (isVerbose || there.length <= FEW) for (const { path } of there) lines.push(`${printable(path)}: already there`);
  const told = sent.filter(({ text }) => text !== '');
  for (const { path, text } of told.slice(0, MAX_LINES)) lines.push(`${printable(path)}: ${text}`);
  if (told.length > MAX_LINES) lines.push(`and so on, ${formatCount(told.length - MAX_LINES, 'file')} more`);
  return lines;
}

/** Of a link, which has no content that would tell, the receiver's words do. */
const wasThere = ({ alreadyThere, kind, text }: SentFile): boolean =>
  alreadyThere || (kind === 'link' && text === 'already there');

/** `resuming movie.mkv at 43%`. */
export function resumingLine({ name, resumedBytes, size }: SendResumption): string {
  return `resuming ${name} at ${Math.floor((100 * resumedBytes) / Math.max(1, size))}%`;
}

const thereWords = (count: number): string =>
  `${formatCount(count, 'file')} ${count === 1 ? 'was' : 'were'} there already`;

function sum(files: readonly SentFile[], of: (file: SentFile) => number): number {
  return files.reduce((total, file) => total + of(file), 0);
}
