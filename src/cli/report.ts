import type { Bytes, Millis } from '../base/units.ts';
import type { ChannelStats } from '../channel/stats.ts';
import type { ChannelChoice } from '../net/live-channels.ts';
import { printable } from '../printable.ts';
import type { SessionSecurity } from '../security.ts';
import { formatBitRate, formatByteRate, formatCount, formatDuration, formatPercent, formatSize } from './format.ts';

/** What channel a run goes through, before it begins; `replay` is the file it comes from. */
export function openingLines(choice: ChannelChoice | undefined, replay: string | undefined): string[] {
  if (choice === undefined) return [];
  if (replay !== undefined) return [`replaying the channel that ${printable(replay)} recorded`];
  const dead = deadDirection(choice);
  const warning = dead === undefined ? [] : [`udpcp: warning: with ${dead} nothing will arrive`];
  return [seedLine(choice.seed), ...warning];
}

/** The flag that makes a channel through which nothing can come. */
function deadDirection({ out, in: incoming }: ChannelChoice): string | undefined {
  if (out.loss === 1 && incoming.loss === 1) return '--loss 100%';
  if (out.loss === 1) return '--loss-out 100%';
  return incoming.loss === 1 ? '--loss-in 100%' : undefined;
}

/** What people compare to find out whether somebody is in between; undefined: a key has proven that nobody is, or there is none. */
export function fingerprintLine({ protection, fingerprint }: SessionSecurity, other: string): string | undefined {
  if (protection !== 'noise' || fingerprint === undefined) return undefined;
  return `encrypted; to be sure that nobody is in between, compare: ${other} must show the words: ${fingerprint}`;
}

/** How to have the same luck again. */
export function seedLine(seed: number): string {
  return `seed ${seed} (--seed ${seed} repeats this channel)`;
}

/** What the lossy channel did, a line for each direction in which anything was sent. */
export function channelLines(channels: { readonly out: ChannelStats; readonly in: ChannelStats }): string[] {
  const directions = [
    { label: 'sending', stats: channels.out },
    { label: 'receiving', stats: channels.in },
  ];
  return directions
    .filter(({ stats }) => stats.datagramsIn > 0)
    .map(({ label, stats }) => `channel, ${label}: ${describeChannel(stats)}`);
}

function describeChannel(stats: ChannelStats): string {
  const causes = Object.entries(stats.lost).filter(([, count]) => count > 0);
  const lost = causes.reduce((sum, [, count]) => sum + count, 0);
  const faults: (readonly [number, string])[] = [
    [stats.duplicated, 'duplicated'],
    [stats.reordered, 'reordered'],
    [stats.corrupted, 'corrupted'],
    [stats.truncated, 'truncated'],
    [stats.held, 'still inside'],
  ];
  const parts = [`${formatCount(stats.datagramsIn, 'datagram')} (${formatSize(stats.bytesIn)})`];
  const why = causes.map(([cause, count]) => `${cause} ${count}`).join(', ');
  parts.push(lost === 0 ? 'none lost' : `${lost} lost (${formatPercent(lost / stats.datagramsIn)}: ${why})`);
  parts.push(...faults.filter(([count]) => count > 0).map(([count, word]) => `${count} ${word}`));
  if (stats.maxQueue > 0) parts.push(`longest queue ${formatSize(stats.maxQueue)}`);
  return parts.join(', ');
}

/** The outcome of one run, for people. */
export interface Summary {
  readonly verb: 'sent' | 'received';
  readonly files: number;
  /** What was not a file. */
  readonly others?: readonly ('directory' | 'link')[];
  /** What was sent. */
  readonly bytes: Bytes;
  /** Of the same files: what had not to be sent. */
  readonly resumedBytes?: Bytes | undefined;
  readonly elapsed: Millis;
  /** Of the sender only: datagrams with file content, and those of them that repeated some. */
  readonly datagrams?: { readonly sent: number; readonly resent: number } | undefined;
  /** Sessions after the first. */
  readonly reconnections?: number | undefined;
}

/** `sent 2 files, 16.8 MB in 2.1 s: 63.9 Mbit/s (7.99 MB/s), 120 of 12,400 datagrams resent, 1 reconnection`. */
export function summaryLine({
  verb,
  files,
  others = [],
  bytes,
  resumedBytes = 0,
  elapsed,
  datagrams,
  reconnections = 0,
}: Summary): string {
  const rate = bytes / elapsed;
  const speed = elapsed > 0 && bytes > 0 ? `: ${formatBitRate(rate)} (${formatByteRate(rate)})` : '';
  const resent = datagrams ? `, ${datagrams.resent} of ${formatCount(datagrams.sent, 'datagram')} resent` : '';
  const again = reconnections > 0 ? `, ${formatCount(reconnections, 'reconnection')}` : '';
  const there = resumedBytes > 0 ? ` (${formatSize(resumedBytes)} were there already)` : '';
  return `${verb} ${countWords(files, others)}, ${formatSize(bytes)}${there} in ${formatDuration(elapsed)}${speed}${resent}${again}`;
}

/** `3 files, 1 directory, 2 links`. */
export function countWords(files: number, others: readonly ('directory' | 'link')[]): string {
  const directories = others.filter((kind) => kind === 'directory').length;
  const links = others.length - directories;
  const parts = files > 0 || others.length === 0 ? [formatCount(files, 'file')] : [];
  if (directories > 0) parts.push(directories === 1 ? '1 directory' : `${directories} directories`);
  if (links > 0) parts.push(formatCount(links, 'link'));
  return parts.join(', ');
}
