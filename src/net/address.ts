import { isIPv4, isIPv6 } from 'node:net';

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
  return isIPv6(plain) ? `[${plain}]:${port}` : `${plain}:${port}`;
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
