import fc from 'fast-check';
import { expect, test } from 'vitest';
import { CONTROLLER_NAMES } from '../../src/congestion/registry.ts';
import { ARQ_NAMES, record } from './choices.ts';
import { commandLists, emptyModel, type Model, readAll } from './commands.ts';
import { HandDrivenPair, SIDES } from './hand-driven-pair.ts';
import { demandLaw, isThorough } from './law.ts';
import { demand } from './side-invariants.ts';

/** Steps without loss after which everything has to be over. */
const MAX_STEPS = 3000;
const DAY = 86_400_000;

const cases = record({
  seed: fc.nat(),
  arq: fc.constantFrom(...ARQ_NAMES),
  window: fc.integer({ min: 1, max: 32 }),
  congestion: fc.constantFrom(...CONTROLLER_NAMES),
  creditWindow: fc.constantFrom(1000, 5000, 1_000_000),
  commands: commandLists,
});

/** A side that was suspended waits so long for an answer (PROTOCOL.md, section 11.1). */
const MAX_ASKING = 5000;

/** Everything was read, and both sides know it. */
function isDone({ queue, finished }: Model, { sessions }: HandDrivenPair): boolean {
  const { initiator, acceptor } = sessions;
  if (queue.initiator.length > 0 || queue.acceptor.length > 0) return false;
  if (finished.initiator && !(initiator.writeFinished && acceptor.readFinished)) return false;
  return !finished.acceptor || (acceptor.writeFinished && initiator.readFinished);
}

/** From now on everything is delivered, and time passes. */
function runToEnd(model: Model, pair: HandDrivenPair): void {
  for (let step = 0; step < MAX_STEPS && !isDone(model, pair); step++) {
    for (const side of SIDES) {
      while (pair.sent[side].length > 0) pair.deliver(side);
      readAll(model, pair, side);
    }
    if (SIDES.every((side) => pair.sent[side].length === 0)) pair.skip();
  }
}

test('two sessions are two queues of bytes, whatever happens to their datagrams', () => {
  let closed = 0;
  let done = 0;
  demandLaw(cases, ({ seed, commands, ...config }) => {
    const model = emptyModel();
    const pair = new HandDrivenPair({ ...config, idleTimeout: DAY }, seed);
    fc.modelRun(() => ({ model, real: pair }), commands);
    if (model.isClosed) {
      pair.advance(DAY);
      for (const side of SIDES) while (pair.sent[side].length > 0) pair.deliver(side);
      pair.advance(DAY);
      pair.advance(MAX_ASKING); // who slept for so long asks before it gives up
      for (const side of SIDES) demand(pair.sessions[side].end !== undefined, 'a close ends both sides', side);
      closed++;
    } else {
      runToEnd(model, pair);
      demand(isDone(model, pair), 'what is written arrives', model.queue.initiator.length, model.queue.acceptor.length);
      for (const side of SIDES) demand(pair.sessions[side].end === undefined, 'nothing ends by itself', side);
      done++;
    }
  });
  if (!isThorough) return;
  expect(closed).toBeGreaterThan(0);
  expect(done).toBeGreaterThan(0);
});
