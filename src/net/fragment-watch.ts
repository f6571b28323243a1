import { readFileSync } from 'node:fs';
import type { Bytes } from '../base/units.ts';
import { MIN_DATAGRAM } from '../wire/limits.ts';

/** So many large datagrams leave between two looks: an interface or a route may change at any time. */
const LOOK_EVERY = 1024;

/**
 * Finds out that this system cuts our datagrams into fragments, which it does not tell. Linux sends with DF until a router says
 * what its MTU is; from then on, for ten minutes and for every process, it silently fragments what is larger: a probe
 * would arrive, in pieces. So its counter is read before and after each datagram larger than any before, and now and
 * then. The counter is everybody's: somebody else's fragments only make our datagrams smaller. Other systems: no counter, no watch.
 */
export class FragmentWatch {
  readonly #count: () => number | undefined;
  #largest: Bytes = MIN_DATAGRAM;
  #unseen = 0;

  /** `count`: the fragments created so far; undefined: not known. */
  constructor(count: () => number | undefined) {
    this.#count = count;
  }

  /** Called before a datagram is sent: what `wasCut` needs, or undefined: no look is due. */
  begin(length: Bytes): number | undefined {
    if (length <= MIN_DATAGRAM) return undefined;
    this.#unseen++;
    if (length <= this.#largest && this.#unseen < LOOK_EVERY) return undefined;
    this.#unseen = 0;
    return this.#count();
  }

  /** Called after it was sent: whether that took fragments. */
  wasCut(length: Bytes, before: number): boolean {
    const isCut = (this.#count() ?? before) > before;
    this.#largest = isCut ? MIN_DATAGRAM : Math.max(this.#largest, length);
    return isCut;
  }

  /** The path carries less than it did: every size is to be looked at again. */
  restart(): void {
    this.#largest = MIN_DATAGRAM;
  }
}

/** IP fragments that this network namespace has created so far, of one IP version; undefined: the system does not say. */
export function fragmentsCreated(version: 4 | 6): number | undefined {
  try {
    return version === 4 ? fromTable(readFileSync('/proc/self/net/snmp', 'latin1')) : fromLines();
  } catch {
    return undefined;
  }
}

function fromLines(): number | undefined {
  const match = /^Ip6FragCreates\s+(\d+)/m.exec(readFileSync('/proc/self/net/snmp6', 'latin1'));
  return match === null ? undefined : Number(match[1]);
}

/** A line of names and a line of values, both beginning with "Ip:". */
function fromTable(text: string): number | undefined {
  const [names = [], values = []] = text
    .split('\n')
    .filter((line) => line.startsWith('Ip: '))
    .map((line) => line.split(' '));
  const value = Number(values[names.indexOf('FragCreates')]);
  return Number.isInteger(value) ? value : undefined;
}
