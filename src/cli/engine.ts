import { getHeapSpaceStatistics, setFlagsFromString } from 'node:v8';
import type { Bytes, Millis } from '../base/units.ts';

/**
 * For young objects. Datagrams make much garbage: with a quarter of this, collecting it takes a tenth of the time; with
 * the 16 MiB that V8 would come to, a third more memory is held.
 */
const YOUNG: Bytes = 4 * 1024 * 1024;
const LOOK_AGAIN: Millis = 10;

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
 * before; other threads compile it, but both ends and the network want the same few cores. Newer engines than that of
 * Node 20 decide by other measures, and print what they do not know.
 */
function compileLess(): void {
  if (!process.versions.v8.startsWith('11.')) return;
  setFlagsFromString('--interrupt-budget=540672'); // eight times as much: later
  setFlagsFromString('--max-inlined-bytecode-size-cumulative=200'); // instead of 920: smaller pieces
}
