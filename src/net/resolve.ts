import { execFile } from 'node:child_process';
import type { LookupAddress } from 'node:dns';
import { lookup } from 'node:dns/promises';
import { isIP } from 'node:net';
import { promisify } from 'node:util';
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
    return worthATry(await lookup(host, { all: true }));
  } catch (error) {
    const isTemporary = error instanceof Error && 'code' in error && error.code === 'EAI_AGAIN';
    const why = isTemporary
      ? 'the name service does not answer; is this machine connected?'
      : 'no address is known for this name';
    throw new UdpcpError('ERR_RESOLVE', `cannot find the host ${host}: ${why}`, { cause: error });
  }
}

const LOOK_UP = `require('dns').lookup(process.argv[1], { all: true }, (error, all) => {
  if (error) process.exitCode = 1;
  else console.log(JSON.stringify(all));
});`;

/**
 * The same in a process of its own, which the signal ends: while a name service is silent, a process that has asked it
 * cannot even exit. Rejects with any error, and when it was ended.
 */
export async function resolveHostApart(host: string, signal: AbortSignal): Promise<readonly HostAddress[]> {
  if (isIP(host) > 0) return resolveHost(host);
  const options = { signal, killSignal: 'SIGKILL' } as const;
  const { stdout } = await promisify(execFile)(process.execPath, ['-e', LOOK_UP, '--', host], options);
  return worthATry(JSON.parse(stdout));
}

function worthATry(all: readonly LookupAddress[]): readonly HostAddress[] {
  const found = all.map(({ address, family }): HostAddress => ({ address, family: family === 6 ? 6 : 4 }));
  return found.filter(({ family }, index) => found.findIndex((other) => other.family === family) === index);
}
