import { hostOf } from './path.ts';

const GROUPS = 8;
/** Groups of an IPv6 address that name the network: whoever has one has them all (RFC 4291 section 2.5.4). */
const PREFIX = 4;

/** Whom an address belongs to, for limits: the host of IPv4, the /64 of IPv6. Text that is no address stands for itself. */
export function networkOf(address: string): string {
  const host = hostOf(address);
  if (host.includes('.') || !host.includes(':')) return host;
  const [left = '', right] = host.split('::');
  const before = groupsOf(left);
  const after = right === undefined ? [] : groupsOf(right);
  const zeros = Array.from({ length: Math.max(0, GROUPS - before.length - after.length) }, () => '0');
  return [...before, ...zeros, ...after].slice(0, PREFIX).join(':');
}

const groupsOf = (text: string): string[] => (text === '' ? [] : text.split(':'));
