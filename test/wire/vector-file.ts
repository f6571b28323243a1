import { readFileSync } from 'node:fs';
import type { LayoutRow } from './layout.ts';

/** One golden vector of fixtures/vectors.json: the bytes, what they mean, and where each field stands. */
export interface Vector {
  readonly name: string;
  readonly kind: string;
  readonly hex: string;
  readonly fields: Readonly<Record<string, unknown>>;
  readonly layout: readonly LayoutRow[];
}

/** Bytes that must be refused. */
export interface MalformedVector {
  readonly name: string;
  /** What the bytes pretend to be: a whole packet, a frame area, or a stream of transfer messages. */
  readonly kind: 'packet' | 'frames' | 'messages';
  readonly hex: string;
  readonly reason: string;
}

export interface VectorFile {
  readonly about: readonly string[];
  readonly crc32c: readonly { readonly name: string; readonly hex: string; readonly crc: string }[];
  readonly packets: readonly Vector[];
  readonly frames: readonly Vector[];
  readonly messages: readonly Vector[];
  readonly malformed: readonly MalformedVector[];
}

export const VECTOR_FILE = new URL('../../fixtures/vectors.json', import.meta.url);

export function readVectors(): VectorFile {
  return JSON.parse(readFileSync(VECTOR_FILE, 'utf8')) as VectorFile;
}

export function toHex(bytes: Uint8Array): string {
  return Buffer.from(bytes).toString('hex');
}

/** A plain Uint8Array, which compares equal to the codec's copies and to nothing that is a Buffer. */
export function fromHex(hex: string): Uint8Array {
  return new Uint8Array(Buffer.from(hex, 'hex'));
}

const IDS = new Set(['initiatorId', 'acceptorId', 'connectionId']);
const BYTES = new Set([
  'cookie',
  'keyAgreement',
  'token',
  'reason',
  'bytes',
  'target',
  'digest',
  'digests',
  'text',
  'path',
  'tag',
]);

/** Our values as JSON has them: bytes and connection ids in hexadecimal, undefined as null. */
export function toJson(value: unknown): unknown {
  if (value === undefined || value === null) return null;
  if (value instanceof Uint8Array) return toHex(value);
  if (Array.isArray(value)) return value.map(toJson);
  if (typeof value !== 'object') return value;
  if ('hi' in value && 'lo' in value)
    return [value.hi, value.lo].map((half) => Number(half).toString(16).padStart(8, '0')).join('');
  return Object.fromEntries(Object.entries(value).map(([key, inner]) => [key, toJson(inner)]));
}

/** The inverse of `toJson`, by the name of the field. */
export function fromJson(value: unknown, field = ''): unknown {
  if (value === null) return undefined;
  if (Array.isArray(value)) return value.map((inner) => fromJson(inner, field));
  if (typeof value === 'string') {
    if (IDS.has(field)) return { hi: Number.parseInt(value.slice(0, 8), 16), lo: Number.parseInt(value.slice(8), 16) };
    return BYTES.has(field) ? fromHex(value) : value;
  }
  if (typeof value !== 'object') return value;
  return Object.fromEntries(Object.entries(value).map(([key, inner]) => [key, fromJson(inner, key)]));
}
