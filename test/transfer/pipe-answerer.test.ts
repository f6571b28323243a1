import { expect, test } from 'vitest';
import { SeededPrng } from '../../src/base/prng.ts';
import { Channel } from '../../src/channel/channel.ts';
import { sessionConfig } from '../../src/session/config.ts';
import type { Host } from '../../src/session/host.ts';
import { Initiator } from '../../src/session/initiator.ts';
import { plainAcceptor, plainInitiator } from '../../src/session/plain-agreement.ts';
import { simulatedCookies } from '../../src/sim/simulated-cookies.ts';
import { type Route, Simulation } from '../../src/sim/simulation.ts';
import { PipeAnswerer } from '../../src/transfer/pipe-answerer.ts';
import { PipeCaller } from '../../src/transfer/pipe-caller.ts';
import { CLOSE_CODE } from '../../src/wire/close-codes.ts';
import { type EndScript, ScriptedEnds } from '../laws/scripted-ends.ts';

const ANSWERER = 'answerer:9';
const QUIET: EndScript = { pieces: [{ rest: 0, size: 100 }], last: { rest: 0, kind: 'end' }, perTick: 1000 };

/** A pipe that waits in virtual time, and the means to call it. */
function waiting() {
  const simulation = new Simulation();
  const prng = new SeededPrng(1, 'test');
  const made: { answerer?: PipeAnswerer; ends?: ScriptedEnds } = {};
  const readyEnds = (wake: () => void): ScriptedEnds => {
    const ends = new ScriptedEnds(QUIET, wake);
    for (let tick = 0; tick < 3; tick++) ends.tick(tick);
    return ends;
  };
  simulation.addHost(ANSWERER, (wake) => {
    made.ends = readyEnds(wake);
    made.answerer = new PipeAnswerer(made.ends, sessionConfig(), prng, simulatedCookies, plainAcceptor);
    return made.answerer;
  });
  const { answerer, ends } = made as { answerer: PipeAnswerer; ends: ScriptedEnds };
  const join = (address: string): void => {
    for (const [from, to] of [
      [address, ANSWERER],
      [ANSWERER, address],
    ] as const)
      simulation.addLink(from, to, new Channel<Route>({ delay: 10 }, 0, 'link'));
  };
  /** Somebody who has a session and says nothing. */
  const callSilently = (address: string): Initiator => {
    const endpoint = new Initiator(simulation.now, sessionConfig(), prng, ANSWERER, plainInitiator);
    const host: Host = { endpoint, step: () => {} };
    simulation.addHost(address, () => host);
    join(address);
    return endpoint;
  };
  const call = (address: string): PipeCaller => {
    let caller: PipeCaller | undefined;
    simulation.addHost(address, (wake) => {
      const open = (): ScriptedEnds => readyEnds(wake);
      caller = new PipeCaller(simulation.now, open, sessionConfig(), prng, ANSWERER, plainInitiator);
      return caller;
    });
    join(address);
    return caller as PipeCaller;
  };
  return { simulation, answerer, ends, callSilently, call };
}

test('who calls and says nothing gets nothing, and loses the place after a minute', () => {
  const { simulation, answerer, ends, callSilently, call } = waiting();
  const stranger = callSilently('stranger:1');
  simulation.run(() => stranger.session?.end !== undefined);
  expect(stranger.session?.end).toMatchObject({ by: 'peer', code: CLOSE_CODE.noProgress });
  expect(simulation.now).toBeGreaterThanOrEqual(60_000);
  expect([ends.given, answerer.end]).toEqual([0, undefined]);
  expect(answerer.takeTurnedAway()).toHaveLength(1);
  simulation.run(() => answerer.endpoint.sessionCount === 0);
  const caller = call('caller:1');
  simulation.run(() => caller.session !== undefined && ends.given > 0);
  expect(answerer.transfer?.isConfirmed).toBe(true);
});

test('while one is on the line the next is refused: busy', () => {
  const { simulation, ends, call } = waiting();
  call('caller:1');
  simulation.run(() => ends.given > 0);
  const second = call('caller:2');
  simulation.run(() => second.end !== undefined);
  expect(second.end).toEqual({ kind: 'no-session', failure: { kind: 'refused', code: CLOSE_CODE.busy } });
});

test('strangers who have sessions and say nothing keep nobody out', () => {
  const { simulation, answerer, ends, callSilently, call } = waiting();
  const strangers = [1, 2, 3].map((i) => callSilently(`stranger${i}:1`));
  simulation.run(() => strangers.every(({ session }) => session !== undefined));
  const caller = call('caller:1');
  simulation.run(() => ends.given > 0);
  expect(simulation.now).toBeLessThan(1000);
  expect(answerer.session?.peer).toBe('caller:1');
  simulation.run(() => strangers.every(({ session }) => session?.end !== undefined));
  for (const { session } of strangers) expect(session?.end).toMatchObject({ by: 'peer', code: CLOSE_CODE.busy });
  expect(caller.end).toBeUndefined();
});

test('where strangers hold every place, those who have said nothing for a while make way', () => {
  const { simulation, answerer, ends, callSilently, call } = waiting();
  const strangers = Array.from({ length: 256 }, (_, i) => callSilently(`10.0.0.${i}:1`));
  simulation.run(() => strangers.every(({ session }) => session?.confirmed));
  expect(answerer.endpoint.sessionCount).toBe(256);
  simulation.run(() => simulation.now > 10_000); // they ping
  const caller = call('caller:1');
  simulation.run(() => caller.end !== undefined || ends.given > 0);
  expect([caller.end, answerer.session?.peer]).toEqual([undefined, 'caller:1']);
  expect(answerer.endpoint.counts.refusedBusy).toBeGreaterThan(0);
  expect(simulation.now).toBeLessThan(13_000);
});
