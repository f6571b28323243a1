import { getHeapSpaceStatistics, setFlagsFromString } from 'node:v8';
import type { Bytes, Millis } from '../base/units.ts';

/**
 * For young objects. Datagrams make much garbage: with a quarter of this, collecting it takes a tenth of the time; with
 * the 16 MiB that V8 would come to, a third more memory is held.
 */
const YOUNG: Bytes = 4 * 1024 * 1024;
const LOOK_AGAIN: Millis = 10;
/** By V8's major version, because it prints what it does not know: Node 20 has 11, 22 has 12, 24 has 13. */
const LATER: Readonly<Record<string, string>> = {
  11: '--interrupt-budget=540672', // eight times as much
  12: '--invocation-count-for-turbofan=12000', // four times
  13: '--invocation-count-for-turbofan=12000',
};

/** Fits V8 to a transfer: its heap, and when it compiles what. */
export function tuneEngine(): void {
  compileLess();
  boundYoungSpace();
  // So few are collected sooner than other threads are woken for it, which then wait for each other on a busy machine.
  setFlagsFromString('--no-parallel-scavenge');
  // Old ones: objects that live for a round trip become old, and 10,000 small files are many.
  setFlagsFromString('--heap-growing-percent=25');
  // The library may ask for it, where V8 does not see how much memory large datagrams hold.
  setFlagsFromString('--expose-gc');
}

/** Lets the room for young objects grow, as it does by itself while the program loads, and stops that at `YOUNG`. */
function boundYoungSpace(): void {
  const young = getHeapSpaceStatistics().find(({ space_name: name }) => name === 'new_space');
  if (young === undefined || young.space_size >= YOUNG) setFlagsFromString('--semi-space-growth-factor=1');
  else setTimeout(boundYoungSpace, LOOK_AGAIN).unref();
}

/**
 * Code that is compiled with more care pays for its compilation after a second or two, and most transfers are over
 * before; other threads compile it, but both ends and the network want the same few cores.
 */
function compileLess(): void {
  const later = LATER[process.versions.v8.split('.')[0] ?? ''];
  if (later === undefined) return;
  setFlagsFromString(later);
  setFlagsFromString('--max-inlined-bytecode-size-cumulative=200'); // instead of 920: smaller pieces
}
