import { getHeapSpaceStatistics, setFlagsFromString } from 'node:v8';
import type { Bytes, Millis } from '../base/units.ts';

/**
 * For young objects. Datagrams make much garbage: with a quarter of this, collecting it takes a tenth of the time; with
 * the 16 MiB that V8 would come to, a third more memory is held.
 */
const YOUNG: Bytes = 4 * 1024 * 1024;
const LOOK_AGAIN: Millis = 10;
/** When code is compiled with optimization, by V8's major version, because it prints what it does not know: later, and as usual. */
const OPTIMIZATION: Readonly<Record<string, { readonly later: string; readonly usual: string }>> = {
  11: { later: '--interrupt-budget=540672', usual: '--interrupt-budget=67584' }, // Node 20
  12: { later: '--invocation-count-for-turbofan=12000', usual: '--invocation-count-for-turbofan=3000' }, // Node 22
  13: { later: '--invocation-count-for-turbofan=12000', usual: '--invocation-count-for-turbofan=3000' }, // Node 24
};
const SHORT_TRANSFER: Millis = 1000;
let transferred = false;

/** Fits V8 to a transfer: its heap, and when it optimizes code. */
export function tuneEngine(): void {
  optimize('later');
  boundYoungSpace();
  // So few are collected sooner than other threads are woken for it, which then wait for each other on a busy machine.
  setFlagsFromString('--no-parallel-scavenge');
  // Old ones: objects that live for a round trip become old, and 10,000 small files are many.
  setFlagsFromString('--heap-growing-percent=25');
  // The library may ask for it, where V8 does not see how much memory large datagrams hold.
  setFlagsFromString('--expose-gc');
}

/**
 * The first transfer begins. Optimized code pays for its compilation after a second or so, and most transfers are over
 * before; other threads compile it, but both ends and the network want the same few cores. So that begins later.
 */
export function onTransfer(): void {
  if (transferred) return;
  transferred = true;
  setTimeout(() => optimize('usual'), SHORT_TRANSFER).unref();
}

function optimize(when: 'later' | 'usual'): void {
  const flags = OPTIMIZATION[process.versions.v8.split('.')[0] ?? ''];
  if (flags !== undefined) setFlagsFromString(flags[when]);
}

/** Lets the room for young objects grow, as it does by itself while the program loads, and stops that at `YOUNG`. */
function boundYoungSpace(): void {
  const young = getHeapSpaceStatistics().find(({ space_name: name }) => name === 'new_space');
  if (young === undefined || young.space_size >= YOUNG) setFlagsFromString('--semi-space-growth-factor=1');
  else setTimeout(boundYoungSpace, LOOK_AGAIN).unref();
}
