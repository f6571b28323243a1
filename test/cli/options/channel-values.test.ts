import { InvalidArgumentError } from 'commander';
import { describe, expect, test } from 'vitest';
import { type ChannelSpec, validateSpec } from '../../../src/channel/spec.ts';
import {
  parseBlackout,
  parseBurst,
  parseDropList,
  parseDuplicate,
  parseReorder,
} from '../../../src/cli/options/channel-values.ts';
import type { Parse } from '../../../src/cli/options/values.ts';

interface Table {
  readonly parse: Parse<unknown>;
  readonly field: keyof ChannelSpec;
  readonly accepts: Readonly<Record<string, unknown>>;
  readonly refuses: readonly string[];
}

const TABLES: Readonly<Record<string, Table>> = {
  parseBurst: {
    parse: parseBurst,
    field: 'burst',
    accepts: {
      '1%,25%': { enter: 0.01, leave: 0.25 },
      '0.01,1': { enter: 0.01, leave: 1 },
      '0,1': { enter: 0, leave: 1 },
    },
    refuses: ['', '1%', '1%,', ',1%', '1%,2%,3%', '1%,0', '5,10', '1%, 25%', '1%;25%'],
  },
  parseReorder: {
    parse: parseReorder,
    field: 'reorder',
    accepts: {
      '1%': { probability: 0.01, gap: undefined },
      '1%,20ms': { probability: 0.01, gap: 20 },
      '0.5,20': { probability: 0.5, gap: 20 },
    },
    refuses: ['', '5', '1%,', '1%,-1', '1%,20ms,3', ',20ms'],
  },
  parseDuplicate: {
    parse: parseDuplicate,
    field: 'duplicate',
    accepts: { '1%': { probability: 0.01, maxDelay: undefined }, '1%,2s': { probability: 0.01, maxDelay: 2000 } },
    refuses: ['', '5', '1%,', '1%,1d', '1%,20ms,3'],
  },
  parseBlackout: {
    parse: parseBlackout,
    field: 'blackouts',
    accepts: {
      '1,3': [{ start: 1000, duration: 3000 }],
      '0,0.5,2': [{ start: 0, duration: 500, every: 2000 }],
      '5s,500ms,1m': [{ start: 5000, duration: 500, every: 60_000 }],
    },
    refuses: ['', '1', '1,', ',1', '1,3,3', '1,3,2', '1,3,10,4', '-1,3', '1,x'],
  },
  parseDropList: {
    parse: parseDropList,
    field: 'dropList',
    accepts: {
      '0': [{ first: 0, last: 0 }],
      '3,7,12-15': [
        { first: 3, last: 3 },
        { first: 7, last: 7 },
        { first: 12, last: 15 },
      ],
      '5-5,1': [
        { first: 5, last: 5 },
        { first: 1, last: 1 },
      ],
    },
    refuses: ['', ',', '3,', '-3', '3-', '5-4', '1-2-3', '1.5', 'a', '3, 4', '9007199254740992', '0x3', '1e3'],
  },
};

describe.each(Object.entries(TABLES))('%s', (_, { parse, field, accepts, refuses }) => {
  test.each(Object.entries(accepts))('reads %s into what the channel accepts', (text, value) => {
    expect(parse(text)).toEqual(value);
    expect(validateSpec({ [field]: parse(text) })).toBeUndefined();
  });

  test.each(refuses.map((text) => ({ text })))('refuses "$text" with one clear line', ({ text }) => {
    expect(() => parse(text)).toThrow(InvalidArgumentError);
    expect(() => parse(text)).toThrow(/^[^\n]{10,}[.?]$/);
  });
});
