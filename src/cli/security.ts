import { join } from 'node:path';
import { loadIdentity, parseIdentity } from '../crypto/identity.ts';
import { KnownHosts, knownHostName } from '../crypto/known-hosts.ts';
import { trustOnly } from '../crypto/peer-trust.ts';
import { readSharedKeyFile, type SharedKey, takeSharedKey } from '../crypto/shared-key.ts';
import { UdpcpError } from '../errors.ts';
import { printable } from '../printable.ts';
import type { ReceiveSecurity, SendSecurity, SessionSecurity } from '../security.ts';
import type { SecurityOptions } from './options/security-options.ts';
import type { Target } from './options/target.ts';

/** How a sender protects itself, and whom it remembers. */
export interface SenderSecurity {
  readonly security: SendSecurity;
  /** To be told of the session that came about; resolves with a line for people, if there is something to say. */
  readonly meet: (session: SessionSecurity) => Promise<string | undefined>;
}

/** Reads what the options name. Rejects with UdpcpError ERR_USAGE. */
export async function receiverSecurity(options: SecurityOptions): Promise<ReceiveSecurity> {
  const { plaintext, identity } = options;
  const key = await readKey(options);
  return { plaintext, key, identity: identity === undefined ? undefined : await loadIdentity(identity) };
}

/**
 * Reads what the options name. Whoever says nothing trusts a receiver at the first meeting, and from then on, if it has
 * an identity, that one only. Rejects with UdpcpError ERR_USAGE.
 */
export async function senderSecurity(options: SecurityOptions, { host, port }: Target): Promise<SenderSecurity> {
  const { plaintext, peerKey } = options;
  const key = await readKey(options);
  const silent = async (): Promise<undefined> => undefined;
  if (peerKey !== undefined) {
    const trust = trustOnly(parseIdentity(peerKey));
    return { security: { key, trust }, meet: silent };
  }
  if (plaintext || key !== undefined) return { security: { key, plaintext }, meet: silent };
  const path = knownHostsPath(process.env);
  const name = knownHostName(host, port);
  if (path === undefined)
    return { security: {}, meet: async ({ identity }) => (identity === undefined ? undefined : forgetful(name)) };
  const hosts = await KnownHosts.read(path);
  return {
    security: { trust: hosts.trust(name) },
    meet: async ({ identity }) => {
      if (identity === undefined || hosts.identityOf(name) !== undefined) return undefined;
      await hosts.remember(name, parseIdentity(identity));
      return `met ${name} for the first time: ${identity} is now in ${printable(path)}`;
    },
  };
}

/** From a file or from the environment, where it does not stay. Rejects with UdpcpError ERR_USAGE. */
async function readKey({ keyFile, plaintext }: SecurityOptions): Promise<SharedKey | undefined> {
  const key = takeSharedKey(process.env);
  if (key !== undefined && plaintext) {
    throw new UdpcpError('ERR_USAGE', 'a key in UDPCP_KEY and --plaintext: choose one');
  }
  return keyFile === undefined ? key : readSharedKeyFile(keyFile);
}

/** Where the receivers that were met are written down; undefined: this user has no place for it. */
function knownHostsPath({
  UDPCP_KNOWN_HOSTS,
  XDG_CONFIG_HOME,
  HOME,
  USERPROFILE,
}: NodeJS.ProcessEnv): string | undefined {
  if (UDPCP_KNOWN_HOSTS) return UDPCP_KNOWN_HOSTS;
  const home = HOME || USERPROFILE;
  const config = XDG_CONFIG_HOME || (home && join(home, '.config'));
  return config ? join(config, 'udpcp', 'known_hosts') : undefined;
}

function forgetful(name: string): string {
  return `${name} proved an identity that cannot be remembered: set HOME, or UDPCP_KNOWN_HOSTS to the name of a file`;
}
