import { BlockList, isIPv4 } from 'node:net';

/** An IP address and a UDP port. */
export interface SocketAddress {
  readonly address: string;
  readonly port: number;
}

const MAPPED = '::ffff:';

/** The text that stands for an address inside the core: "address:port", without brackets. */
export function addressKey(address: string, port: number): string {
  return `${address}:${port}`;
}

/** The inverse of `addressKey`. */
export function parseAddressKey(key: string): SocketAddress {
  const colon = key.lastIndexOf(':');
  return { address: key.slice(0, colon), port: Number(key.slice(colon + 1)) };
}

/** For people: IPv6 in brackets, IPv4 as itself even where a dual-stack socket saw it. */
export function formatAddress({ address, port }: SocketAddress): string {
  const plain = address.startsWith(MAPPED) && address.includes('.') ? address.slice(MAPPED.length) : address;
  return plain.includes(':') ? `[${plain}]:${port}` : `${plain}:${port}`;
}

/** `formatAddress` of an address key. */
export function formatAddressKey(key: string): string {
  return formatAddress(parseAddressKey(key));
}

/** The UDP port of a receiver unless another is given. */
export const DEFAULT_PORT = 9000;

/** Whether only this machine can reach an address that is listened on. */
export function isLoopback(address: string): boolean {
  const plain = address.startsWith(MAPPED) ? address.slice(MAPPED.length) : address;
  return plain === '::1' || (isIPv4(plain) && plain.startsWith('127.'));
}

/** Unspecified, broadcast and multicast addresses. */
const OF_NO_HOST = new BlockList();
OF_NO_HOST.addSubnet('0.0.0.0', 8, 'ipv4');
OF_NO_HOST.addSubnet('224.0.0.0', 4, 'ipv4');
OF_NO_HOST.addAddress('255.255.255.255', 'ipv4');
OF_NO_HOST.addAddress('::', 'ipv6');
OF_NO_HOST.addSubnet('ff00::', 8, 'ipv6');

const LINK_LOCAL = new BlockList();
LINK_LOCAL.addSubnet('fe80::', 10, 'ipv6');

const isIn = (list: BlockList, address: string): boolean => list.check(address, isIPv4(address) ? 'ipv4' : 'ipv6');

/** Whether an address can be that of a single host. */
export function isOfOneHost(address: string): boolean {
  return !isIn(OF_NO_HOST, address.replace(/%.*$/, ''));
}

/** Whether an address means something else on every link, and the link is not named (`fe80::1%eth0`). */
export function lacksZone(address: string): boolean {
  return !address.includes('%') && isIn(LINK_LOCAL, address);
}
