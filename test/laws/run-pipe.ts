import fc from 'fast-check';
import { SeededPrng } from '../../src/base/prng.ts';
import type { Bytes, Millis } from '../../src/base/units.ts';
import { Channel } from '../../src/channel/channel.ts';
import type { ChannelSpec } from '../../src/channel/spec.ts';
import type { ChannelStats } from '../../src/channel/stats.ts';
import { sessionConfig } from '../../src/session/config.ts';
import type { Host } from '../../src/session/host.ts';
import { plainAcceptor, plainInitiator } from '../../src/session/plain-agreement.ts';
import { simulatedCookies } from '../../src/sim/simulated-cookies.ts';
import { type Route, Simulation } from '../../src/sim/simulation.ts';
import { PipeAnswerer } from '../../src/transfer/pipe-answerer.ts';
import { PipeCaller } from '../../src/transfer/pipe-caller.ts';
import type { PipeEnd } from '../../src/transfer/pipe-session.ts';
import type { ArqName } from '../../src/wire/terms.ts';
import { faults } from './channels.ts';
import { ARQ_NAMES, record, sometimes } from './choices.ts';
import { type EndScript, ScriptedEnds } from './scripted-ends.ts';

/** Everything that decides how one pipe goes. */
export interface PipeScenario {
  readonly seed: number;
  readonly arq: ArqName;
  readonly window: number;
  readonly creditWindow: Bytes;
  readonly maxDatagram: Bytes;
  readonly caller: EndScript;
  readonly answerer: EndScript;
  readonly forward: ChannelSpec;
  readonly backward: ChannelSpec;
  /** From then on the channels are clear, or lose everything. */
  readonly faultsUntil: Millis;
}

const rests = fc.oneof(fc.constant(0), fc.nat(3000));

const whole: fc.Arbitrary<EndScript> = record({
  pieces: fc.array(
    record({ rest: rests, size: fc.oneof(fc.integer({ min: 1, max: 20 }), fc.integer({ min: 1, max: 40_000 })) }),
    { maxLength: 6 },
  ),
  last: record({ rest: rests, kind: fc.constant('end') }),
  perTick: fc.constantFrom(500, 5000, 1_000_000),
});

/** Sides that may fail. */
const frail: fc.Arbitrary<EndScript> = fc
  .tuple(whole, record({ rest: rests, kind: fc.constantFrom('end', 'failed') }), sometimes(fc.nat(60_000)))
  .map(([script, last, breaksAfter]) => ({ ...script, last, breaksAfter }));

const scenariosOf = (ends: fc.Arbitrary<EndScript>): fc.Arbitrary<PipeScenario> =>
  record({
    seed: fc.maxSafeNat(),
    arq: fc.constantFrom(...ARQ_NAMES),
    window: fc.integer({ min: 1, max: 64 }),
    creditWindow: fc.constantFrom(4096, 65_536, 655_360),
    maxDatagram: fc.oneof(fc.constant(1200), fc.integer({ min: 1200, max: 9000 })),
    caller: ends,
    answerer: ends,
    forward: faults,
    backward: faults,
    faultsUntil: fc.nat(60_000),
  });

export const wholePipes = scenariosOf(whole);
export const frailPipes = scenariosOf(frail);

/** What came of it. */
export interface PipeRun {
  readonly callerEnd: PipeEnd | undefined;
  readonly answererEnd: PipeEnd | undefined;
  readonly caller: ScriptedEnds;
  readonly answerer: ScriptedEnds;
  readonly channels: readonly ChannelStats[];
}

const TICK: Millis = 100;
const CALLER = 'caller:1';
const ANSWERER = 'answerer:9';
/** Virtual time in which all is over, however slow. */
const UNTIL: Millis = 24 * 3_600_000;

/** Runs a pipe through faults, and then through none, or where nothing comes through any more. */
export function runPipe(scenario: PipeScenario, after: 'calm' | 'dead', idleTimeout: Millis): PipeRun {
  const { seed, arq, window, creditWindow, maxDatagram } = scenario;
  const credit = { creditWindow, maxCreditWindow: creditWindow };
  const config = { arq, window, maxDatagram, ...credit, idleTimeout, connectTimeout: idleTimeout };
  const simulation = new Simulation();
  const made: { caller?: PipeCaller; answerer?: PipeAnswerer; ends: ScriptedEnds[] } = { ends: [] };
  const endsOf = (script: EndScript, wake: () => void): ScriptedEnds => {
    const ends = new ScriptedEnds(script, wake);
    made.ends.push(ends);
    return ends;
  };
  simulation.addHost(CALLER, (wake) => {
    const ends = endsOf(scenario.caller, wake);
    const prng = new SeededPrng(seed, 'caller');
    made.caller = new PipeCaller(0, () => ends, sessionConfig(config), prng, ANSWERER, plainInitiator);
    return made.caller;
  });
  simulation.addHost(ANSWERER, (wake) => {
    const ends = endsOf(scenario.answerer, wake);
    const prng = new SeededPrng(seed, 'answerer');
    made.answerer = new PipeAnswerer(ends, sessionConfig(config), prng, simulatedCookies, plainAcceptor);
    return made.answerer;
  });
  const { caller, answerer } = made as { caller: PipeCaller; answerer: PipeAnswerer };
  const [callerEnds, answererEnds] = made.ends as [ScriptedEnds, ScriptedEnds];
  simulation.addHost('clock:1', () => clockOf(made.ends));
  const forward = new Channel<Route>(scenario.forward, seed, 'forward');
  const backward = new Channel<Route>(scenario.backward, seed, 'backward');
  simulation.addLink(CALLER, ANSWERER, forward);
  simulation.addLink(ANSWERER, CALLER, backward);
  let isChanged = false;
  simulation.run(() => {
    if (!isChanged && simulation.now >= scenario.faultsUntil) {
      isChanged = true;
      const spec = after === 'calm' ? {} : { loss: 1 };
      simulation.addLink(CALLER, ANSWERER, new Channel<Route>(spec, 0, 'later'));
      simulation.addLink(ANSWERER, CALLER, new Channel<Route>(spec, 0, 'later'));
    }
    const isUncalled = answerer.transfer === undefined && answerer.endpoint.sessionCount === 0;
    return caller.isDone && (answerer.isDone || isUncalled);
  }, UNTIL);
  const channels = [forward.stats, backward.stats];
  return { callerEnd: caller.end, answererEnd: answerer.end, caller: callerEnds, answerer: answererEnds, channels };
}

/** Moves both sides' ends on. */
function clockOf(ends: readonly ScriptedEnds[]): Host {
  let next = TICK;
  return {
    endpoint: {
      handleDatagram: () => {},
      handleTimeout: (now) => {
        if (now < next) return;
        for (const end of ends) end.tick(now);
        next = now + TICK;
      },
      pollTransmit: () => undefined,
      pollTimeout: () => next,
    },
    step: () => {},
  };
}
