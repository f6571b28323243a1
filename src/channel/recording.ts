import type { Bytes } from '../base/units.ts';
import type { ChannelSpec } from './spec.ts';
import type { Verdict } from './verdict.ts';

/*
 * A recorded channel is a text of JSON lines, each ended by "\n". The first line is the header:
 *
 *   {"format":"udpcp-channel","version":1,"seed":7,"directions":{"out":{"loss":0.1},"in":{}}}
 *
 * `directions` holds each direction's spec as of ChannelSpec; the spec and the seed tell where the recording comes
 * from, and a replay does not use them. Every other line is the verdict on one datagram:
 *
 *   {"direction":"out","i":0,"size":1200,"copies":[{"delay":0}]}
 *   {"direction":"out","i":1,"size":1200,"cause":"loss","copies":[]}
 *   {"direction":"in","i":0,"size":40,"copies":[{"delay":12.5},{"delay":17,"cut":12,"flips":[3,90]}]}
 *
 * i       the datagram's index, from 0 in its direction; at most one line each; not named: delivered untouched
 * size    its UDP payload in bytes, for the reader; a replay does not use it
 * cause   with no copies only, and then always: drop-list, blackout, mtu, loss, burst or queue
 * copies  at most 2; delay in ms from entering to leaving; cut: bytes kept from the front; flips: at most 64 distinct
 *         bit positions, 0 being the most significant bit of byte 0. A cut or a flip beyond the datagram does nothing
 */
export const RECORDING_FORMAT = 'udpcp-channel';
export const RECORDING_VERSION = 1;

/** The first line, with its line end. `directions` names each direction and its spec. */
export function formatHeader(seed: number, directions: Readonly<Record<string, ChannelSpec>>): string {
  return `${JSON.stringify({ format: RECORDING_FORMAT, version: RECORDING_VERSION, seed, directions })}\n`;
}

/** The line of one verdict, with its line end. */
export function formatVerdict(direction: string, index: number, size: Bytes, verdict: Verdict): string {
  const { cause, copies } = verdict;
  const plain = copies.map(({ delay, cut, flips }) => ({ delay, cut, flips }));
  return `${JSON.stringify({ direction, i: index, size, cause, copies: plain })}\n`;
}
