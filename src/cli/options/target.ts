import { isIPv4, isIPv6 } from 'node:net';
import { domainToASCII, domainToUnicode } from 'node:url';
import { UdpcpError } from '../../errors.ts';
import { DEFAULT_PORT, isOfOneHost, lacksZone } from '../../net/address.ts';
import { printable } from '../../printable.ts';

/** Where to send: a host name in ASCII or an address without brackets, and a port of 1..65535. */
export interface Target {
  readonly host: string;
  readonly port: number;
}

/**
 * Reads `host`, `host:port`, `[IPv6]` or `[IPv6]:port`. Strict, because Node takes `1` and `127.1` for addresses and an
 * empty host for this machine. Throws UdpcpError ERR_USAGE.
 */
export function parseTarget(text: string): Target {
  const fail = (why: string): UdpcpError =>
    new UdpcpError('ERR_USAGE', `target '${printable(text, { max: 80 })}': ${why}`);
  // Node takes 5 ms to be ready to recognise IPv6 addresses; most targets cannot be any.
  if (/:.*:/.test(text) && isIPv6(text))
    throw fail(`write an IPv6 address in brackets: [${text}] or [${text}]:${DEFAULT_PORT}`);
  if (/[/@]/.test(text)) throw fail('only HOST or HOST:PORT, without a user, a scheme or a path');
  const [, bracketed, name, port] = /^(?:\[([^\]]*)\]|([^:[\]]*))(?::(.*))?$/s.exec(text) ?? [];
  const host = bracketed ?? name;
  if (host === undefined) throw fail('write it HOST, HOST:PORT or [IPv6]:PORT');
  if (host === '') throw fail('the host is missing');
  if (bracketed !== undefined && !isIPv6(bracketed)) throw fail('no IPv6 address in the brackets');
  if (port !== undefined && !isPort(port)) throw fail('the port is a whole number from 1 to 65535');
  const known = bracketed ?? toAsciiName(host);
  if (known === undefined) throw fail('neither a host name nor an IPv4 address of four numbers');
  const isAddress = bracketed !== undefined || isIPv4(known);
  if (isAddress && !isOfOneHost(known)) throw fail('not the address of a single host');
  if (isAddress && lacksZone(known)) throw fail(`name the interface too, like [${known}%eth0]`);
  return { host: known, port: port === undefined ? DEFAULT_PORT : Number(port) };
}

function isPort(text: string): boolean {
  return /^[1-9]\d{0,4}$/.test(text) && Number(text) <= 65_535;
}

// Labels of letters, digits, hyphens (RFC 1123 section 2.1) and underscores, which container names have.
const LABEL = /^(?!-)[a-z0-9_-]{1,63}(?<!-)$/i;

/** A host name as the resolver wants it, or an IPv4 address; undefined if it is neither. */
function toAsciiName(host: string): string | undefined {
  if (isIPv4(host)) return host;
  const ascii = /^[!-~]+$/.test(host) ? host : domainToASCII(host);
  // The mapping of international names forgives much (full-width digits, invisible characters); we do not.
  if (ascii !== host && domainToUnicode(ascii) !== host.normalize('NFC').toLowerCase()) return undefined;
  const absolute = ascii.replace(/\.$/, '');
  const labels = absolute.split('.');
  const last = labels.at(-1) ?? '';
  // A name that ends in a number is a mistyped address; resolvers would read `127.1` and `0x7f.1` as one.
  const isName =
    absolute.length <= 253 && labels.every((label) => LABEL.test(label)) && !/^(\d+|0x[\da-f]*)$/i.test(last);
  return isName ? ascii : undefined;
}
