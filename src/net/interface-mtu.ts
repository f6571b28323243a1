import { readFileSync } from 'node:fs';
import { networkInterfaces } from 'node:os';
import type { Bytes } from '../base/units.ts';
import { UdpcpError } from '../errors.ts';
import { MAX_DATAGRAM, MIN_DATAGRAM } from '../wire/limits.ts';

/** Ethernet's: what an interface has of which nothing is known. */
const USUAL_MTU: Bytes = 1500;
/** Where the loopback's MTU cannot be read: every system's carries this much. */
const LOOPBACK_MTU: Bytes = 9000;
const MAX_MTU: Bytes = 65_535;
/** Stands for an address that is not known yet: the larger payload is meant. */
export const ANY_ADDRESS = '0.0.0.0';

/** Bytes of IP and UDP headers in a packet that carries a datagram from or to this address. */
function headersOf(address: string): Bytes {
  return address.includes('.') ? 28 : 48; // over a dual-stack socket an IPv4 address is written ::ffff:1.2.3.4
}

/** The largest UDP payload, 1200..65,507, of a packet of `mtu` bytes from or to this address. */
export function payloadOf(mtu: Bytes, address: string): Bytes {
  return Math.max(MIN_DATAGRAM, Math.min(MAX_DATAGRAM, mtu - headersOf(address)));
}

/** Throws UdpcpError ERR_USAGE for an MTU that no packet with a datagram of 1200 bytes from or to this address can have. */
export function checkMtu(mtu: Bytes | undefined, address: string): void {
  const least = MIN_DATAGRAM + headersOf(address);
  if (mtu === undefined || (Number.isInteger(mtu) && mtu >= least && mtu <= MAX_MTU)) return;
  throw new UdpcpError('ERR_USAGE', `an MTU of ${mtu}: give a whole number of bytes in ${least}..${MAX_MTU}`);
}

/** The MTU of the interface that has this local address; a careful guess where the system does not say. */
export function interfaceMtu(address: string): Bytes {
  const bare = (address.startsWith('::ffff:') ? address.slice('::ffff:'.length) : address).split('%')[0];
  const mtus = Object.entries(interfaces()).flatMap(([name, addresses = []]) =>
    addresses.filter((other) => other.address === bare).map(({ internal }) => mtuOf(name, internal)),
  );
  return mtus.length === 0 ? USUAL_MTU : Math.min(...mtus);
}

/** None where the system does not say, as when too few files may be open. */
function interfaces(): ReturnType<typeof networkInterfaces> {
  try {
    return networkInterfaces();
  } catch {
    return {};
  }
}

function mtuOf(name: string, isLoopback: boolean): Bytes {
  try {
    // Linux; an alias is named eth0:1.
    const mtu = Number(readFileSync(`/sys/class/net/${name.split(':')[0]}/mtu`, 'latin1'));
    if (Number.isInteger(mtu) && mtu > 0) return mtu;
  } catch {
    // Another system.
  }
  return isLoopback ? LOOPBACK_MTU : USUAL_MTU;
}
