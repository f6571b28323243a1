import { BlockList, isIP } from 'node:net';

/** A range of addresses: `192.0.2.0/24` or `2001:db8::/32`. */
export interface Network {
  readonly address: string;
  /** How many of the first bits count: 0..32, IPv6 0..128. */
  readonly bits: number;
}

/** Reads `ADDRESS/BITS`, or an address alone for just that one; undefined for anything else. */
export function parseNetwork(text: string): Network | undefined {
  const [, address = '', digits] = /^([^/%]+)(?:\/(\d{1,3}))?$/.exec(text) ?? [];
  const version = isIP(address);
  if (version === 0) return undefined;
  const most = version === 4 ? 32 : 128;
  const bits = digits === undefined ? most : Number(digits);
  return bits <= most ? { address, bits } : undefined;
}

/** The addresses that may talk to us. IPv4 is the same in its IPv6 notation, as dual-stack sockets see it. */
export class AllowList {
  readonly #networks = new BlockList();

  constructor(networks: readonly Network[]) {
    for (const { address, bits } of networks) this.#networks.addSubnet(address, bits, familyOf(address));
  }

  has(address: string): boolean {
    const [plain = ''] = address.split('%'); // without the zone of a link-local one
    return this.#networks.check(plain, familyOf(plain));
  }
}

const familyOf = (address: string): 'ipv4' | 'ipv6' => (address.includes(':') ? 'ipv6' : 'ipv4');
