import { UdpcpError } from '../errors.ts';
import { formatIdentity } from './identity.ts';

/** Why the acceptor with this proven identity, or without any, is not talked to; undefined: it is. */
export type PeerTrust = (identity: Uint8Array | undefined) => UdpcpError | undefined;

/** Only the receiver with this public key. */
export function trustOnly(publicKey: Uint8Array): PeerTrust {
  return (identity) => {
    if (identity !== undefined && Buffer.compare(identity, publicKey) === 0) return undefined;
    const shown = identity === undefined ? 'no identity' : formatIdentity(identity);
    return new UdpcpError(
      'ERR_AUTHENTICATION',
      `the receiver is not the one that was asked for: it shows ${shown}, not ${formatIdentity(publicKey)}`,
    );
  };
}
