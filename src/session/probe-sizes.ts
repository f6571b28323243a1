import type { Bytes } from '../base/units.ts';
import { MIN_DATAGRAM } from '../wire/limits.ts';

/** Every path carries this (RFC 8899 section 5.1.2, BASE_PLPMTU). */
export const BASE: Bytes = MIN_DATAGRAM;

/**
 * UDP payloads that fill a packet on usual paths: halves of loopback, jumbo Ethernet (MTU 9000), 4 KiB links, Ethernet
 * (1500), and tunnels down to the smallest MTU of IPv6 (1280); less 28 bytes of headers over IPv4, 48 over IPv6.
 */
const USUAL: readonly Bytes[] = [32_740, 16_356, 8972, 8952, 4052, 1472, 1452, 1432, 1392, 1372, 1352, 1252, 1232];

/** The datagram sizes worth a probe where none may be above `limit`, the largest first; empty: there is nothing to find. */
export function probeSizes(limit: Bytes): readonly Bytes[] {
  return limit <= BASE ? [] : [limit, ...USUAL.filter((size) => size < limit)];
}
