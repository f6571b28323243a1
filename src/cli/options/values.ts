import { isIPv4, isIPv6 } from 'node:net';
import { InvalidArgumentError } from 'commander';
import type { Bytes, BytesPerMilli, Millis } from '../../base/units.ts';
import { isOfOneHost } from '../../net/address.ts';
import { type Network, parseNetwork } from '../../net/allow-list.ts';

/** Reads the text of an option; throws commander's InvalidArgumentError with one clear sentence. */
export type Parse<Value> = (text: string) => Value;

const NUMBER_AND_SUFFIX = /^(\d+(?:\.\d+)?|\.\d+)(\D*)$/;

const DURATION = new Map(Object.entries({ us: 0.001, ms: 1, s: 1000, m: 60_000, h: 3_600_000 }));
const AGE = new Map(Object.entries({ s: 1000, m: 60_000, h: 3_600_000, d: 86_400_000 }));
const LONGEST_AGE: Millis = 10_000 * 86_400_000;
const DECIMAL = { '': 1, k: 1e3, K: 1e3, M: 1e6, G: 1e9, T: 1e12 };
const BINARY = { Ki: 2 ** 10, Mi: 2 ** 20, Gi: 2 ** 30, Ti: 2 ** 40 };
const PREFIX = new Map(Object.entries({ ...DECIMAL, ...BINARY }));
const RATE_SUFFIX = /^([kKMGT]?|[KMGT]i)(|bit|bit\/s|bps|B|B\/s)$/;

/** Every address of this machine, of one family or of both. */
const ANY_ADDRESS = ['0.0.0.0', '::'];

const LONGEST_DURATION: Millis = 86_400_000;
const LARGEST_RATE: BytesPerMilli = 1e12 / 8000;

/** The error of every parser here. */
export function invalid(message: string): InvalidArgumentError {
  return new InvalidArgumentError(message);
}

/** Makes a parser for an option that may be given only once: commander passes what was read before. */
export function once<Value>(parse: Parse<Value>): (text: string, previous: Value | undefined) => Value {
  return (text, previous) => {
    if (previous !== undefined) throw invalid('It was given twice.');
    return parse(text);
  };
}

/** Splits `2.5MB` into 2.5 and `MB`; no signs, exponents, spaces or other digits than 0-9. */
function splitNumber(text: string, example: string): { number: number; suffix: string } {
  const [, digits, suffix = ''] = NUMBER_AND_SUFFIX.exec(text) ?? [];
  const number = Number(digits);
  if (digits === undefined || !Number.isFinite(number)) throw invalid(`Write it like ${example}.`);
  return { number, suffix };
}

/** `5%` or `0.05` to 0..1. */
export function parseProbability(text: string): number {
  const { number, suffix } = splitNumber(text, '5% or 0.05');
  if (suffix !== '' && suffix !== '%') throw invalid('Write it like 5% or 0.05.');
  if (suffix === '' && number > 1 && number <= 100) {
    throw invalid(`A probability without % is at most 1: did you mean ${number}%?`);
  }
  const probability = suffix === '%' ? number / 100 : number;
  if (probability > 1) throw invalid('A probability is at most 100%.');
  return probability;
}

/** `250us`, `250ms`, `2s`, `1m`, `1h`, at most 24h; a bare number is in `bareUnit`, milliseconds unless told. */
export function parseDuration(text: string, bareUnit: 'ms' | 's' = 'ms'): Millis {
  const { number, suffix } = splitNumber(text, '250ms, 2s, 1m or 1h');
  const unit = DURATION.get(suffix || bareUnit);
  if (unit === undefined) throw invalid('Write it like 250ms, 2s, 1m or 1h.');
  if (number * unit > LONGEST_DURATION) throw invalid('A duration is at most 24h.');
  return number * unit;
}

/** `90s`, `30m`, `12h`, `7d`, at most 10,000 days. */
export function parseAge(text: string): Millis {
  const { number, suffix } = splitNumber(text, '7d, 12h, 30m or 0s');
  const unit = AGE.get(suffix);
  if (unit === undefined) throw invalid('Write it like 7d, 12h, 30m or 0s.');
  if (number * unit > LONGEST_AGE) throw invalid('An age is at most 10000d.');
  return number * unit;
}

/** Bytes: `1500`, `10k`, `10M`, `1.5G` count by 1000, `10Ki`, `10Mi` by 1024, each with or without a `B`; rounded. */
export function parseSize(text: string): Bytes {
  const { number, suffix } = splitNumber(text, '10M or 10Mi');
  const scale = PREFIX.get(suffix.replace(/B$/, ''));
  if (scale === undefined) throw invalid('Write it like 1500, 10k, 10M, 1G (by 1000) or 10Ki, 10Mi, 1Gi (by 1024).');
  if (scale === 1 && !Number.isInteger(number)) throw invalid('A size is a whole number of bytes.');
  const size = Math.round(number * scale);
  if (size > Number.MAX_SAFE_INTEGER) throw invalid('A size is at most 2^53 - 1 bytes.');
  return size;
}

/** `20M`, `20Mbit`, `20Mbit/s`, `20Mbps` are bits per second, `2.5MB`, `2.5MB/s` bytes per second; above 0. */
export function parseRate(text: string): BytesPerMilli {
  const example = '20M or 20Mbit (bits per second), 2.5MB (bytes per second)';
  const { number, suffix } = splitNumber(text, example);
  const [, prefix = '', unit] = RATE_SUFFIX.exec(suffix) ?? [];
  const scale = PREFIX.get(prefix);
  if (unit === undefined || scale === undefined) throw invalid(`Write it like ${example}.`);
  const rate = (number * scale) / (unit.startsWith('B') ? 1000 : 8000);
  if (rate <= 0) throw invalid('A rate is above 0.');
  if (rate > LARGEST_RATE) throw invalid('A rate is at most 1T (10^12 bits per second).');
  return rate;
}

/** A whole number in decimal digits, from `min` to `max`, both included. */
export function parseInteger(text: string, min: number, max: number): number {
  const number = /^\d+$/.test(text) ? Number(text) : Number.NaN;
  if (!(number >= min && number <= max)) throw invalid(`A whole number from ${min} to ${max}.`);
  return number;
}

/** The seed of a channel's randomness: 0..2^53 - 1. */
export function parseSeed(text: string): number {
  return parseInteger(text, 0, Number.MAX_SAFE_INTEGER);
}

/** The ARQ window in packets: 1..1,048,576 (PROTOCOL.md, HELLO). */
export function parseWindow(text: string): number {
  return parseInteger(text, 1, 1_048_576);
}

/** The size of an IP packet, all headers included, in which the smallest datagram of the protocol fits: 1228..65,535. */
export function parseMtu(text: string): Bytes {
  if (!/^\d+$/.test(text)) throw invalid('A whole number of bytes, like 1500.');
  return parseInteger(text, 1228, 65_535);
}

/** A port to listen on; 0 lets the system choose. */
export function parsePort(text: string): number {
  return parseInteger(text, 0, 65_535);
}

/** An IP address that a machine can have, or any of its own; an IPv6 address with or without brackets. */
export function parseAddress(text: string): string {
  const address = text.replace(/^\[(.*)\]$/, '$1');
  const isBracketed = address !== text;
  if (!isIPv6(address) && (!isIPv4(address) || isBracketed)) throw invalid('An IP address, like 192.0.2.7 or ::1.');
  if (!ANY_ADDRESS.includes(address) && !isOfOneHost(address)) throw invalid('No machine has that address.');
  return address;
}

/** `PORT`, `ADDRESS:PORT` or `[IPv6]:PORT` of this machine, to listen on; port 0 lets the system choose. */
export function parseListen(text: string): { readonly address: string | undefined; readonly port: number } {
  const colon = text.lastIndexOf(':');
  const [address, port] = colon < 0 ? [undefined, text] : [text.slice(0, colon), text.slice(colon + 1)];
  if (address !== undefined && isIPv6(address)) throw invalid('An IPv6 address goes in brackets, like [::1]:9000.');
  return { address: address === undefined ? undefined : parseAddress(address), port: parsePort(port) };
}

/** How many of something are taken: 1..1,000,000,000. */
export function parseLimit(text: string): number {
  return parseInteger(text, 1, 1_000_000_000);
}

/** For an option that may be repeated: one more network, behind those given before. */
export function collectNetworks(text: string, previous: readonly Network[] = []): readonly Network[] {
  const network = parseNetwork(text);
  if (network === undefined) throw invalid('An address or a network, like 192.0.2.7, 192.0.2.0/24 or 2001:db8::/32.');
  return [...previous, network];
}

/** For an option that may be repeated: one more glob, behind those given before. */
export function collectGlobs(text: string, previous: readonly string[] = []): readonly string[] {
  if (/^\/*$/.test(text)) throw invalid('A glob, like *.o, build/ or docs/*.pdf.');
  return [...previous, text];
}

/** A path of this machine: anything but nothing, and without NUL, which no system accepts. */
export function parsePath(text: string): string {
  if (text === '' || text.includes('\0')) throw invalid('The name of a file.');
  return text;
}
