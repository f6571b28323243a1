import { lookup } from 'node:dns/promises';
import { UdpcpError } from '../errors.ts';

/** The address of a host that the system prefers. Rejects with UdpcpError ERR_RESOLVE. */
export async function resolveHost(host: string): Promise<{ readonly address: string; readonly family: 4 | 6 }> {
  try {
    const { address, family } = await lookup(host);
    return { address, family: family === 6 ? 6 : 4 };
  } catch (error) {
    throw new UdpcpError('ERR_RESOLVE', `cannot find the host ${host}: no address is known for this name`, {
      cause: error,
    });
  }
}
