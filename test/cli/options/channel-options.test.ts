import { Command } from 'commander';
import { describe, expect, test } from 'vitest';
import { isClear, validateSpec } from '../../../src/channel/spec.ts';
import { exitCodeOf } from '../../../src/cli/errors.ts';
import { addChannelOptions, type ChannelOptions, channelSpecs } from '../../../src/cli/options/channel-options.ts';

const silent = { writeOut() {}, writeErr() {} };
const createCommand = () => addChannelOptions(new Command('send').exitOverride().configureOutput(silent));

function parse(line: string): ChannelOptions {
  const args = line === '' ? [] : line.split(' ');
  return createCommand().parse(args, { from: 'user' }).opts<ChannelOptions>();
}

describe('channelSpecs()', () => {
  test.each([
    ['--loss 5%', { loss: 0.05 }, { loss: 0.05 }],
    ['--loss-out 5%', { loss: 0.05 }, {}],
    ['--loss-in 5%', {}, { loss: 0.05 }],
    ['--loss 5% --loss-out 0', { loss: 0 }, { loss: 0.05 }],
    ['--loss-in 1% --loss 5%', { loss: 0.05 }, { loss: 0.01 }],
    ['--burst-out 1%,25%', { burst: { enter: 0.01, leave: 0.25 } }, {}],
    ['--delay 25 --jitter-in 1s', { delay: 25 }, { delay: 25, jitter: 1000 }],
    ['--reorder-in 1%,5ms', {}, { reorder: { probability: 0.01, gap: 5 } }],
    ['--duplicate-out 1%', { duplicate: { probability: 0.01 } }, {}],
    ['--corrupt-out 1% --truncate-in 2%', { corrupt: 0.01 }, { truncate: 0.02 }],
    ['--bandwidth 20M --queue-in 64k', { rate: 2500 }, { rate: 2500, queue: 64_000 }],
    ['--bandwidth-out 20M --queue 64k', { rate: 2500, queue: 64_000 }, { queue: 64_000 }],
    ['--blackout-out 1,3', { blackouts: [{ start: 1000, duration: 3000 }] }, {}],
    [
      '--drop-in 0,2-3',
      {},
      {
        dropList: [
          { first: 0, last: 0 },
          { first: 2, last: 3 },
        ],
      },
    ],
  ])('%s', (line, out, incoming) => {
    const specs = channelSpecs(parse(line));
    expect(specs).toEqual({ out, in: incoming });
    expect(Object.values(specs).map(validateSpec)).toEqual([undefined, undefined]);
  });

  test('without options both ways are clear', () => {
    expect(Object.values(channelSpecs(parse('--seed 7'))).map(isClear)).toEqual([true, true]);
  });

  test.each(['--queue 64k', '--queue-out 64k --bandwidth-in 1M'])(
    'refuses a queue without a bottleneck: %s',
    (line) => {
      expect(() => channelSpecs(parse(line))).toThrow('--bandwidth');
    },
  );
});

test('addChannelOptions() reads the seed and the files', () => {
  expect(parse('--seed 9007199254740991 --record a.jsonl')).toEqual({ seed: 2 ** 53 - 1, record: 'a.jsonl' });
  expect(parse('--replay a.jsonl --record b.jsonl')).toEqual({ replay: 'a.jsonl', record: 'b.jsonl' });
});

describe('addChannelOptions() refuses with a usage error', () => {
  test.each([
    ['--loss 0.1 --loss 0.1', 'twice'],
    ['--loss 0 --loss 0.1', 'twice'],
    ['--drop-in 1 --drop-in 2', 'twice'],
    ['--seed 0 --seed 1', 'twice'],
    ['--loss 5', 'did you mean 5%?'],
    ['--loss-out 5', 'did you mean 5%?'],
    ['--loss-in', 'argument missing'],
    ['--corrupt 101%', 'at most 100%'],
    ['--delay -1', 'like 250ms'],
    ['--bandwidth 0', 'above 0'],
    ['--seed 1.5', 'whole number'],
    ['--seed -1', 'whole number'],
    ['--record=', 'name of a file'],
    ['--los 5%', 'Did you mean --loss'],
    ['--replay f --loss 5%', 'cannot be used with'],
    ['--replay f --drop-in 3', 'cannot be used with'],
    ['--replay f --seed 3', 'cannot be used with'],
  ])('%s', (line, message) => {
    const error = failureOf(line);
    expect(String(error)).toContain(message);
    expect(exitCodeOf(error)).toBe(2);
  });
});

test('the help lists each impairment once, under one heading that names the variants', () => {
  const help = createCommand().helpInformation();
  const [, section = ''] = help.split('Lossy channel');
  const listed = [...section.matchAll(/^ {2}--([a-z-]+)/gm)].map(([, name]) => name);
  expect(listed).toEqual([
    'loss',
    'burst',
    'delay',
    'jitter',
    'reorder',
    'duplicate',
    'corrupt',
    'truncate',
    'bandwidth',
    'queue',
    'blackout',
    'drop',
    'seed',
    'record',
    'replay',
  ]);
  expect(section.split('\n')[0]).toMatch(/--loss-out .*--loss-in/);
});

function failureOf(line: string): unknown {
  try {
    return parse(line);
  } catch (error) {
    return error;
  }
}
