import { plainProtection } from '../wire/plain-protection.ts';
import { KEY_AGREEMENT } from '../wire/terms.ts';
import type { AcceptorAgreement, InitiatorAgreement } from './key-agreement.ts';

const keys = { kind: 'agreed', protection: plainProtection, channelBinding: undefined } as const;

/** No keys: whoever answers is believed. The fields are zero; that a peer's are was checked when they were decoded. */
export const plainInitiator: InitiatorAgreement = {
  protection: 'plain',
  greet: () => new Uint8Array(KEY_AGREEMENT),
  judge: () => ({ ...keys, identity: undefined }),
};

/** The other side of `plainInitiator`. */
export const plainAcceptor: AcceptorAgreement = {
  protection: 'plain',
  answer: () => ({ ...keys, keyAgreement: new Uint8Array(KEY_AGREEMENT) }),
};
