import fc from 'fast-check';
import { expect, test } from 'vitest';
import { SeededPrng } from '../../src/base/prng.ts';
import type { CongestionController } from '../../src/congestion/controller.ts';
import { CONTROLLERS } from '../../src/congestion/registry.ts';
import { DeliveryRate } from '../../src/recovery/delivery-rate.ts';
import { RttEstimator } from '../../src/recovery/rtt-estimator.ts';
import { SendingSide, SIZE } from '../recovery/sending-side.ts';

type Operation =
  | { readonly kind: 'wait'; readonly span: number }
  | { readonly kind: 'send'; readonly count: number }
  | { readonly kind: 'ack'; readonly share: number; readonly seed: number }
  | { readonly kind: 'expire' }
  | { readonly kind: 'starve' }
  | { readonly kind: 'move' }
  | { readonly kind: 'resize'; readonly size: number };

const OPERATIONS: fc.Arbitrary<Operation> = fc.oneof(
  { weight: 20, arbitrary: fc.record({ kind: fc.constant('wait'), span: fc.oneof(fc.nat(200), fc.constant(20_000)) }) },
  { weight: 30, arbitrary: fc.record({ kind: fc.constant('send'), count: fc.integer({ min: 1, max: 40 }) }) },
  {
    weight: 30,
    arbitrary: fc.record({
      kind: fc.constant('ack'),
      share: fc.constantFrom(0.2, 0.9, 1),
      seed: fc.nat(1000),
    }),
  },
  { weight: 5, arbitrary: fc.record({ kind: fc.constant('expire') }) },
  { weight: 5, arbitrary: fc.record({ kind: fc.constant('starve') }) },
  { weight: 1, arbitrary: fc.record({ kind: fc.constant('move') }) },
  {
    weight: 1,
    arbitrary: fc.record({ kind: fc.constant('resize'), size: fc.constantFrom(SIZE, 9 * SIZE, 65 * SIZE) }),
  },
);

/** Sends while the controller lets it, has some of it acknowledged, in any order, and lets timers expire. */
class Run {
  readonly controller: CongestionController;
  readonly #side: SendingSide;
  readonly #context: { maxDatagram: number };
  #now = 0;

  constructor(name: keyof typeof CONTROLLERS) {
    const rtt = new RttEstimator();
    const delivery = new DeliveryRate();
    const context = { maxDatagram: SIZE, rtt, delivery, prng: new SeededPrng(1) };
    this.#context = context;
    this.controller = CONTROLLERS[name](context);
    this.#side = new SendingSide('selective-repeat', { rtt, delivery, controller: this.controller, window: 1e6 });
  }

  get maxDatagram(): number {
    return this.#context.maxDatagram;
  }

  perform(operation: Operation): void {
    const { recovery } = this.#side;
    switch (operation.kind) {
      case 'wait':
        this.#now += operation.span / 7;
        break;
      case 'send':
        for (let i = 0; i < operation.count && recovery.permission(this.#now, SIZE) === 'now'; i++) {
          this.#side.send(this.#now);
        }
        break;
      case 'ack': {
        const prng = new SeededPrng(operation.seed);
        const numbers = recovery.sent.inFlight().map(({ number }) => number);
        const named = numbers.filter(() => prng.next() < operation.share);
        if (named.length > 0) this.#side.ack(this.#now, named);
        break;
      }
      case 'expire':
        this.#now = Math.max(this.#now, recovery.deadline() ?? 0);
        recovery.handleTimeout(this.#now);
        break;
      case 'starve':
        recovery.onStarved(SIZE);
        break;
      case 'move':
        recovery.resetPath();
        break;
      case 'resize':
        this.#context.maxDatagram = operation.size;
        break;
    }
  }
}

/** In datagrams, whatever their size is now. */
const MINIMUM: Readonly<Record<string, number>> = { 'new-reno': 2, cubic: 2, bbr: 4 };

test.each(['new-reno', 'cubic', 'bbr'] as const)('%s stays sane whatever happens, in whatever order', (name) => {
  fc.assert(
    fc.property(fc.array(OPERATIONS, { minLength: 100, maxLength: 400, size: 'max' }), (operations) => {
      const run = new Run(name);
      for (const operation of operations) {
        run.perform(operation);
        const { cwnd, pacingRate } = run.controller;
        expect(cwnd).toBeGreaterThanOrEqual((MINIMUM[name] as number) * run.maxDatagram);
        expect(cwnd).toBeLessThan(1e9);
        expect(pacingRate).toBeGreaterThan(0);
        expect(pacingRate).toBeLessThan(1e9);
      }
    }),
    { numRuns: 40 },
  );
});
