import type { ChannelSpec } from '../../channel/spec.ts';
import { formatIdentity } from '../../crypto/identity.ts';
import type { ChannelChoice } from '../../net/live-channels.ts';
import type { ReceiveSecurity, SendSecurity, SessionSecurity } from '../../security.ts';
import type { SessionTerms } from '../../session/session-terms.ts';

interface ChannelJson {
  readonly seed: number;
  readonly out: ChannelSpec;
  readonly in: ChannelSpec;
  readonly isReplay: boolean;
}

/** The lossy channel that was asked for; null: none. */
export const channelJson = (choice: ChannelChoice | undefined): ChannelJson | null =>
  choice === undefined
    ? null
    : { seed: choice.seed, out: choice.out, in: choice.in, isReplay: choice.replay !== undefined };

/** What both sides settled on; the ids of a session say nothing once it is over. */
export const agreedJson = ({ localId: _, remoteId: __, ...agreed }: SessionTerms): object => agreed;

/** How one session is protected; `identity` is the receiver's. */
export const securityJson = ({ protection, fingerprint, identity }: SessionSecurity): object => ({
  protection,
  fingerprint,
  identity,
});

/** How a side will protect its sessions, before there is one. */
export function ownSecurityJson(security: SendSecurity & Pick<ReceiveSecurity, 'identity'>): object {
  const { key, identity, plaintext } = security;
  return securityJson({
    protection: plaintext ? 'plain' : key === undefined ? 'noise' : 'noise-psk',
    fingerprint: undefined,
    identity: identity && formatIdentity(identity.publicKey),
  });
}
