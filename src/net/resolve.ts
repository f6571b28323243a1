import { lookup } from 'node:dns/promises';
import { UdpcpError } from '../errors.ts';

/** An address of a host, and the kind of socket it takes. */
export interface HostAddress {
  readonly address: string;
  readonly family: 4 | 6;
}

/**
 * The addresses of a host that are worth a try: of each family the one that the system prefers, the better family
 * first. Rejects with UdpcpError ERR_RESOLVE.
 */
export async function resolveHost(host: string): Promise<readonly HostAddress[]> {
  try {
    const all = await lookup(host, { all: true });
    const found = all.map(({ address, family }): HostAddress => ({ address, family: family === 6 ? 6 : 4 }));
    return found.filter(({ family }, index) => found.findIndex((other) => other.family === family) === index);
  } catch (error) {
    const isTemporary = error instanceof Error && 'code' in error && error.code === 'EAI_AGAIN';
    const why = isTemporary
      ? 'the name service does not answer; is this machine connected?'
      : 'no address is known for this name';
    throw new UdpcpError('ERR_RESOLVE', `cannot find the host ${host}: ${why}`, { cause: error });
  }
}
