import { fingerprint } from './crypto/fingerprint.ts';
import { formatIdentity, type Identity } from './crypto/identity.ts';
import { NoiseAcceptor } from './crypto/noise-acceptor.ts';
import { NoiseInitiator } from './crypto/noise-initiator.ts';
import type { PeerTrust } from './crypto/peer-trust.ts';
import type { SharedKey } from './crypto/shared-key.ts';
import { WORD_LIST } from './crypto/word-list.ts';
import { UdpcpError } from './errors.ts';
import type { AcceptorAgreement, InitiatorAgreement } from './session/key-agreement.ts';
import { plainAcceptor, plainInitiator } from './session/plain-agreement.ts';
import type { Session } from './session/session.ts';
import type { ProtectionName } from './wire/terms.ts';

/** How a sender protects what it sends: encrypted unless told otherwise, to whoever answers unless told whom to trust. */
export interface SendSecurity {
  /** What the receiver must have too: both ends are proven by it. */
  readonly key?: SharedKey | undefined;
  /** Which receivers to talk to, by the identities that they prove; any unless given. */
  readonly trust?: PeerTrust | undefined;
  /** No encryption and no proof, for experiments; the receiver must be told the same. */
  readonly plaintext?: boolean | undefined;
}

/** How a receiver protects what it gets: encrypted unless told otherwise, from whoever calls unless it has a key. */
export interface ReceiveSecurity {
  /** What every sender must have: all others are refused. */
  readonly key?: SharedKey | undefined;
  /** By which senders know this receiver again. */
  readonly identity?: Identity | undefined;
  /** No encryption and no proof, for experiments; senders must be told the same. */
  readonly plaintext?: boolean | undefined;
}

/** How one session is protected. */
export interface SessionSecurity {
  /** `noise-psk`: both ends have the same key. */
  readonly protection: ProtectionName;
  /** Five words that both ends show alike unless somebody is in between; undefined with plain. */
  readonly fingerprint: string | undefined;
  /** The receiver's public key (`udpcp1id_...`) as it proved it to this side; undefined: it did not. */
  readonly identity: string | undefined;
}

/** For one attempt to call. Throws UdpcpError ERR_USAGE for choices that contradict each other. */
export function initiatorAgreement({ key, trust, plaintext }: SendSecurity): InitiatorAgreement {
  if (plaintext) {
    demandNone(key ?? trust);
    return plainInitiator;
  }
  return new NoiseInitiator({ key, trusts: trust && ((identity) => trust(identity) === undefined) });
}

/** For every session of a receiver. Throws UdpcpError ERR_USAGE for choices that contradict each other. */
export function acceptorAgreement({ key, identity, plaintext }: ReceiveSecurity): AcceptorAgreement {
  if (plaintext) {
    demandNone(key ?? identity);
    return plainAcceptor;
  }
  return new NoiseAcceptor({ key, identity });
}

export function securityOf({ terms, keys: { channelBinding, identity } }: Session): SessionSecurity {
  return {
    protection: terms.protection,
    fingerprint: channelBinding && fingerprint(channelBinding, WORD_LIST).join(' '),
    identity: identity && formatIdentity(identity),
  };
}

function demandNone(secret: unknown): void {
  if (secret === undefined) return;
  throw new UdpcpError('ERR_USAGE', 'plaintext proves nothing: leave out the key and the identity, or the plaintext');
}
