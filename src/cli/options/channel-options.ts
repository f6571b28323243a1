import { type Command, Option } from 'commander';
import type { Bytes, BytesPerMilli, Millis } from '../../base/units.ts';
import type {
  BlackoutSpec,
  BurstSpec,
  ChannelSpec,
  DuplicateSpec,
  IndexRange,
  ReorderSpec,
} from '../../channel/spec.ts';
import { UdpcpError } from '../../errors.ts';
import { parseBlackout, parseBurst, parseDropList, parseDuplicate, parseReorder } from './channel-values.ts';
import {
  once,
  type Parse,
  parseDuration,
  parsePath,
  parseProbability,
  parseRate,
  parseSeed,
  parseSize,
} from './values.ts';

/** The value of each impairment's option, by the option's name. */
interface Impairments {
  loss: number;
  burst: BurstSpec;
  delay: Millis;
  jitter: Millis;
  reorder: ReorderSpec;
  duplicate: DuplicateSpec;
  corrupt: number;
  truncate: number;
  bandwidth: BytesPerMilli;
  queue: Bytes;
  blackout: readonly BlackoutSpec[];
  drop: readonly IndexRange[];
}

/** What `command.opts()` holds once `addChannelOptions` was called. */
export type ChannelOptions = {
  readonly [Name in keyof Impairments as Name | `${Name}In` | `${Name}Out`]?: Impairments[Name] | undefined;
} & {
  readonly seed?: number | undefined;
  readonly record?: string | undefined;
  readonly replay?: string | undefined;
};

interface Row<Value> {
  readonly value: string;
  readonly parse: Parse<Value>;
  readonly help: string;
}

const IMPAIRMENTS: { readonly [Name in keyof Impairments]: Row<Impairments[Name]> } = {
  loss: { value: '<p>', parse: parseProbability, help: 'lose each datagram with this probability (5% or 0.05)' },
  burst: { value: '<p,r>', parse: parseBurst, help: 'lose runs: one begins with probability P, ends with R' },
  delay: { value: '<time>', parse: parseDuration, help: 'delay each datagram (250ms, 2s; a bare number is ms)' },
  jitter: { value: '<time>', parse: parseDuration, help: 'delay each by a further random 0..time, which may reorder' },
  reorder: { value: '<p[,gap]>', parse: parseReorder, help: 'hold some back so that later ones overtake (gap 10ms)' },
  duplicate: { value: '<p[,max]>', parse: parseDuplicate, help: 'deliver some twice, the copy up to max later (10ms)' },
  corrupt: { value: '<p>', parse: parseProbability, help: 'flip 1 to 8 bits in some' },
  truncate: { value: '<p>', parse: parseProbability, help: 'cut some short' },
  bandwidth: { value: '<rate>', parse: parseRate, help: 'bottleneck (20M is bits per second, 2.5MB bytes)' },
  queue: {
    value: '<size>',
    parse: parseSize,
    help: 'room before the bottleneck (64k; default: bandwidth times delay)',
  },
  blackout: {
    value: '<start,time[,every]>',
    parse: parseBlackout,
    help: 'lose everything for a time, once or every so often (bare numbers are seconds)',
  },
  drop: { value: '<list>', parse: parseDropList, help: 'lose exactly these datagrams, counted from 0 (3,7,12-15)' },
};

const HEADING =
  'Lossy channel (both ways; --loss-out and the like: only what is sent, --loss-in: only what is received):';

/** Adds the options of the lossy channel to a command, under a heading of their own in its help. */
export function addChannelOptions(command: Command): Command {
  const add = <Value>(flags: string, help: string, parse: Parse<Value>): Option => {
    const option = new Option(flags, help).argParser(once(parse)).helpGroup(HEADING);
    command.addOption(option);
    return option;
  };
  const names: string[] = [];
  const addImpairment = <Name extends keyof Impairments>(name: Name): void => {
    const { value, parse, help }: Row<Impairments[Name]> = IMPAIRMENTS[name];
    add(`--${name} ${value}`, help, parse);
    add(`--${name}-in ${value}`, `${help}, only what is received`, parse).hideHelp();
    add(`--${name}-out ${value}`, `${help}, only what is sent`, parse).hideHelp();
    names.push(name, `${name}In`, `${name}Out`);
  };
  for (const name of Object.keys(IMPAIRMENTS) as (keyof Impairments)[]) addImpairment(name);
  add('--seed <n>', 'repeat the random choices of an earlier run (default: random, and printed)', parseSeed);
  add('--record <file>', 'write down what happens to each datagram', parsePath);
  add('--replay <file>', 'do again what was recorded', parsePath).conflicts([...names, 'seed']);
  return command;
}

/** One spec per direction, as seen from this process. Throws UdpcpError ERR_USAGE for a queue without a bottleneck. */
export function channelSpecs(options: ChannelOptions): { readonly out: ChannelSpec; readonly in: ChannelSpec } {
  const specs = { out: specFor('Out', options), in: specFor('In', options) };
  const sides = Object.values(specs);
  const hasQueue = sides.some(({ queue }) => queue !== undefined);
  if (hasQueue && !sides.some(({ queue, rate }) => queue !== undefined && rate !== undefined)) {
    throw new UdpcpError('ERR_USAGE', 'a queue forms only before a bottleneck: give --bandwidth with --queue');
  }
  return specs;
}

function specFor(side: 'In' | 'Out', options: ChannelOptions): ChannelSpec {
  const pick = <Name extends keyof Impairments>(name: Name): Impairments[Name] | undefined =>
    (options[`${name}${side}`] ?? options[name]) as Impairments[Name] | undefined;
  return {
    loss: pick('loss'),
    burst: pick('burst'),
    dropList: pick('drop'),
    blackouts: pick('blackout'),
    duplicate: pick('duplicate'),
    delay: pick('delay'),
    jitter: pick('jitter'),
    reorder: pick('reorder'),
    corrupt: pick('corrupt'),
    truncate: pick('truncate'),
    rate: pick('bandwidth'),
    queue: pick('queue'),
  };
}
