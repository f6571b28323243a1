import { InvalidArgumentError } from 'commander';
import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import {
  once,
  type Parse,
  parseAddress,
  parseAge,
  parseDuration,
  parseMtu,
  parsePath,
  parsePort,
  parseProbability,
  parseRate,
  parseSeed,
  parseSize,
  parseWindow,
} from '../../../src/cli/options/values.ts';

interface Table {
  readonly parse: Parse<unknown>;
  readonly accepts: Readonly<Record<string, unknown>>;
  readonly refuses: readonly string[];
}

/** No number of ours is written like these, whatever the option. */
const NEVER = [
  '',
  ' ',
  ' 1',
  '1 ',
  '-1',
  '+1',
  '1e3',
  '0x10',
  'NaN',
  'Infinity',
  '1,5',
  '1_000',
  '٨٠',
  '1.',
  '.',
  '1.2.3',
];

const TABLES: Readonly<Record<string, Table>> = {
  parseProbability: {
    parse: parseProbability,
    accepts: { '0': 0, '0.05': 0.05, '.5': 0.5, '1': 1, '5%': 0.05, '0.1%': 0.001, '100%': 1, '0%': 0 },
    refuses: ['5', '1.01', '101', '101%', '5 %', '%', '5%%', '5p', '1e-3'],
  },
  parseDuration: {
    parse: (text) => parseDuration(text),
    accepts: {
      '0': 0,
      '250': 250,
      '1.5': 1.5,
      '500us': 0.5,
      '250ms': 250,
      '2s': 2000,
      '0.5s': 500,
      '1m': 60_000,
      '24h': 86_400_000,
    },
    refuses: ['24.1h', '86400001', '1d', '2S', '2 s', 's', '1h30m', 'constructor', '1toString'],
  },
  parseAge: {
    parse: parseAge,
    accepts: { '0s': 0, '90s': 90_000, '30m': 1_800_000, '12h': 43_200_000, '7d': 604_800_000, '.5d': 43_200_000 },
    refuses: ['0', '7', '7D', '1w', '-1d', '10001d', '1 d', 'd', '1h30m', 'ms'],
  },
  parseSize: {
    parse: parseSize,
    accepts: {
      '0': 0,
      '1500': 1500,
      '1500B': 1500,
      '10k': 10_000,
      '10K': 10_000,
      '10M': 1e7,
      '10MB': 1e7,
      '1.5G': 1.5e9,
      '1.1k': 1100,
      '2T': 2e12,
      '1Ki': 1024,
      '10MiB': 10_485_760,
      '1Gi': 2 ** 30,
      '1Ti': 2 ** 40,
      '9007199254740991': Number.MAX_SAFE_INTEGER,
    },
    refuses: [
      '1.5',
      '10mb',
      '10m',
      '10ki',
      '10Mb',
      '10 M',
      'M',
      '10P',
      '9007199254740992',
      '10000T',
      '9'.repeat(400),
      '1__proto__',
    ],
  },
  parseRate: {
    parse: parseRate,
    accepts: {
      '8000': 1,
      '20M': 2500,
      '20Mbit': 2500,
      '20Mbit/s': 2500,
      '20Mbps': 2500,
      '2.5MB': 2500,
      '2.5MB/s': 2500,
      '1MiB/s': 1048.576,
      '64k': 8,
      '1G': 125_000,
      '1T': 125_000_000,
      '8bit': 0.001,
    },
    refuses: ['0', '0B', '20Mb', '20mbit', '20MBit', '20Bps', '1.1T', '20M/s', 'Mbit', '9'.repeat(400)],
  },
  parseSeed: {
    parse: parseSeed,
    accepts: { '0': 0, '42': 42, '9007199254740991': Number.MAX_SAFE_INTEGER },
    refuses: ['1.5', '9007199254740992', '18446744073709551616', 'abc', '4k'],
  },
  parseWindow: {
    parse: parseWindow,
    accepts: { '1': 1, '64': 64, '1048576': 1_048_576 },
    refuses: ['0', '-5', '1048577', '1e9', '1.5', '1000000000'],
  },
  parseMtu: {
    parse: parseMtu,
    accepts: { '1228': 1228, '1500': 1500, '65535': 65_535 },
    refuses: ['1227', '65536', '1.5k', '9k', '1500B'],
  },
  parsePort: {
    parse: parsePort,
    accepts: { '0': 0, '9000': 9000, '65535': 65_535 },
    refuses: ['65536', '80x', '1.5', '9'.repeat(400)],
  },
};

describe.each(Object.entries(TABLES))('%s', (_, { parse, accepts, refuses }) => {
  test.each(Object.entries(accepts))('reads %s', (text, value) => {
    expect(parse(text)).toBe(value);
  });

  test.each([...refuses, ...NEVER].map((text) => ({ text })))('refuses "$text" with one clear line', ({ text }) => {
    expect(() => parse(text)).toThrow(InvalidArgumentError);
    expect(() => parse(text)).toThrow(/^[A-Z][^\n]{9,}[.?]$/);
  });

  test('gives a finite number of 0 or more or refuses, whatever the text', () => {
    const texts = fc.oneof(fc.string(), fc.string({ unit: fc.constantFrom(...'0123456789.%kMGiBbitms/-e') }));
    fc.assert(
      fc.property(texts, (text) => {
        const value = attempt(parse, text);
        expect(value === undefined || (Number.isFinite(value) && Number(value) >= 0)).toBe(true);
      }),
    );
  });
});

test.each([
  ['5', '5%'],
  ['2.5', '2.5%'],
  ['100', '100%'],
])('parseProbability() asks whether a bare %s means %s', (text, meant) => {
  expect(() => parseProbability(text)).toThrow(`did you mean ${meant}?`);
});

test('parseDuration() takes a bare number as seconds where the option says so, and only a bare one', () => {
  expect(parseDuration('1.5', 's')).toBe(1500);
  expect(parseDuration('1.5ms', 's')).toBe(1.5);
});

test.each([
  ['192.0.2.7', '192.0.2.7'],
  ['::1', '::1'],
  ['[::1]', '::1'],
  ['fe80::1%eth0', 'fe80::1%eth0'],
])('parseAddress() reads %s', (text, address) => {
  expect(parseAddress(text)).toBe(address);
});

test.each(['0.0.0.0', '::'])('parseAddress() takes %s for every address of this machine', (text) => {
  expect(parseAddress(text)).toBe(text);
});

test.each(['224.0.0.1', '255.255.255.255', '0.1.2.3', 'ff02::1%eth0', '[ff02::1]'])(
  'parseAddress() refuses %s, which no machine has',
  (text) => {
    expect(() => parseAddress(text)).toThrow('No machine has that address.');
  },
);

test.each(['', 'localhost', '[127.0.0.1]', '127.1', '[::1', '::1:9000x', '1.2.3.4:5'])(
  'parseAddress() refuses %j',
  (text) => {
    expect(() => parseAddress(text)).toThrow('An IP address');
  },
);

test.each(['', 'a\0b'])('parsePath() refuses %j', (text) => {
  expect(() => parsePath(text)).toThrow(InvalidArgumentError);
});

test('once() refuses an option that was given before, even with the value 0', () => {
  const parse = once(parseSeed);
  expect(parse('0', undefined)).toBe(0);
  expect(() => parse('0', 0)).toThrow('twice');
});

function attempt(parse: Parse<unknown>, text: string): unknown {
  try {
    return parse(text);
  } catch (error) {
    if (error instanceof InvalidArgumentError) return undefined;
    throw error;
  }
}
