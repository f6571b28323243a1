import type { Channel } from '../channel/channel.ts';
import type { Recording } from '../channel/recording-parser.ts';
import { type ChannelSpec, isClear } from '../channel/spec.ts';
import type { ChannelStats } from '../channel/stats.ts';
import type { DriverChannels } from './driver.ts';

/** A bad network put between a socket and its session, as the side that has it sees it. */
export interface ChannelChoice {
  /** What happens to the datagrams this side sends. */
  readonly out: ChannelSpec;
  /** What happens to those it receives. */
  readonly in: ChannelSpec;
  /** Repeats every random choice. */
  readonly seed: number;
  /** Does again what was recorded; the specs and the seed are then not used. */
  readonly replay?: Recording | undefined;
  /** Hears the recording, line by line with line ends. */
  readonly record?: ((line: string) => void) | undefined;
}

/** Both directions of the channel, and what they did. */
export interface LiveChannels extends DriverChannels {
  /** Undefined: no channel was asked for. */
  readonly stats: () => { readonly out: ChannelStats; readonly in: ChannelStats } | undefined;
}

/** Nothing is between the socket and its session. */
export function isTransparent(channels: DriverChannels): boolean {
  return channels.out === undefined && channels.in === undefined;
}

/** Builds the channels; a choice that impairs nothing and records nothing costs nothing. Rejects with RangeError for an unsound spec. */
export async function createChannels(choice: ChannelChoice | undefined): Promise<LiveChannels> {
  const isIdle =
    choice === undefined || (isClear(choice.out) && isClear(choice.in) && !choice.replay && !choice.record);
  if (isIdle) return { stats: () => undefined };
  // Loaded only here: a transfer without a channel starts sooner.
  const [{ Channel }, { formatHeader, formatVerdict }] = await Promise.all([
    import('../channel/channel.ts'),
    import('../channel/recording.ts'),
  ]);
  const { record } = choice;
  record?.(formatHeader(choice.seed, { out: choice.out, in: choice.in }));
  const create = (direction: 'out' | 'in'): Channel<string> =>
    new Channel<string>(choice[direction], choice.seed, direction, {
      replay: choice.replay && (choice.replay.directions.get(direction) ?? new Map()),
      onVerdict: record && ((index, size, verdict) => record(formatVerdict(direction, index, size, verdict))),
    });
  const channels = { out: create('out'), in: create('in') };
  return { ...channels, stats: () => ({ out: channels.out.stats, in: channels.in.stats }) };
}
