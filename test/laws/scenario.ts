import fc from 'fast-check';
import { SeededPrng } from '../../src/base/prng.ts';
import type { Bytes, Millis } from '../../src/base/units.ts';
import type { ChannelSpec } from '../../src/channel/spec.ts';
import { CONTROLLER_NAMES, type ControllerName } from '../../src/congestion/registry.ts';
import type { StoreFault } from '../../src/transfer/memory-sink.ts';
import type { ArqName } from '../../src/wire/terms.ts';
import { faults } from './channels.ts';
import { ARQ_NAMES, rarely, record, sometimes } from './choices.ts';

/** A file to send and what happens to it at either end. */
export interface FileSpec {
  readonly size: Bytes;
  readonly fill: 'zeros' | 'ones' | 'random';
  /** Offered without a size, as a pipe is. */
  readonly sizeKnown: boolean;
  readonly pieceSize: Bytes;
  /** Its source fails after so many bytes. */
  readonly sourceFails: Bytes | undefined;
  readonly storeFault: StoreFault | undefined;
}

/** Everything that decides how one transfer goes: plain data, so that a counterexample can be read and replayed. */
export interface Scenario {
  readonly seed: number;
  readonly files: readonly FileSpec[];
  readonly arq: ArqName;
  readonly window: number;
  readonly congestion: ControllerName;
  readonly creditWindow: Bytes;
  /** 1200 unless given. */
  readonly maxDatagram?: Bytes | undefined;
  readonly forward: ChannelSpec;
  readonly backward: ChannelSpec;
  /** The receiver's disk answers at the next tick but so many. */
  readonly disk: { readonly tick: Millis; readonly steps: number } | undefined;
  /** From then on the channels only delay. */
  readonly faultsUntil: Millis;
}

/** Stream bytes in a full datagram, and bytes of one page of the receiver's memory. */
const PAYLOAD: Bytes = 1157;
const PAGE: Bytes = 65_536;

const around = (...sizes: readonly Bytes[]): fc.Arbitrary<Bytes> =>
  fc.constantFrom(...sizes.flatMap((size) => [size - 1, size, size + 1]));

const sizes: fc.Arbitrary<Bytes> = fc.oneof(
  { weight: 4, arbitrary: fc.constantFrom(0, 1) },
  { weight: 4, arbitrary: around(PAYLOAD, 2 * PAYLOAD, PAGE, 2 * PAGE) },
  { weight: 4, arbitrary: fc.nat(8 * PAYLOAD) },
  { weight: 4, arbitrary: fc.nat(3 * PAGE) },
  { weight: 1, arbitrary: fc.nat(1024 * 1024) },
);

const CODES = [1, 2, 3, 4, 6, 7, 11];

const storeFaults: fc.Arbitrary<StoreFault> = fc.oneof(
  record({ kind: fc.constantFrom('skip', 'refuse'), code: fc.constantFrom(...CODES) }),
  record({ kind: fc.constant('fail'), after: fc.nat(2 * PAGE), code: fc.constantFrom(3, 4) }),
);

const files: fc.Arbitrary<FileSpec> = record({
  size: sizes,
  fill: fc.constantFrom('zeros', 'ones', 'random'),
  sizeKnown: fc.boolean(),
  pieceSize: fc.constantFrom(1000, PAYLOAD, PAGE, 300_000),
  sourceFails: rarely(fc.nat(2 * PAGE)),
  storeFault: rarely(storeFaults),
});

const disks = record({ tick: fc.integer({ min: 50, max: 5000 }), steps: fc.integer({ min: 1, max: 2 }) });

/** Any transfer over any channel. */
export const scenarios: fc.Arbitrary<Scenario> = record({
  seed: fc.maxSafeNat(),
  files: fc.oneof(
    { weight: 3, arbitrary: fc.tuple(files) },
    { weight: 1, arbitrary: fc.array(files, { maxLength: 4 }) },
  ),
  arq: fc.constantFrom(...ARQ_NAMES),
  window: fc.oneof(fc.integer({ min: 1, max: 8 }), fc.integer({ min: 1, max: 256 })),
  congestion: fc.constantFrom(...CONTROLLER_NAMES),
  creditWindow: fc.constantFrom(4096, PAGE, 10 * PAGE, 256 * PAGE),
  maxDatagram: sometimes(fc.integer({ min: 1200, max: 65_507 })),
  forward: faults,
  backward: faults,
  disk: sometimes(disks),
  faultsUntil: fc.nat(120_000),
});

/** The bytes of the n-th file. */
export function contentOf({ size, fill }: FileSpec, seed: number, index: number): Uint8Array {
  const bytes = new Uint8Array(size);
  if (fill === 'ones') bytes.fill(0xff);
  if (fill === 'random') {
    const prng = new SeededPrng(seed, `content ${index}`);
    for (let i = 0; i < size; i++) bytes[i] = prng.nextUint32();
  }
  return bytes;
}
