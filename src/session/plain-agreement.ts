import { plainProtection } from '../wire/plain-protection.ts';
import { KEY_AGREEMENT } from '../wire/terms.ts';
import type { AcceptorAgreement, InitiatorAgreement, SessionKeys } from './key-agreement.ts';

/** Of a session without keys. */
export const plainKeys: SessionKeys = { protection: plainProtection, channelBinding: undefined };

/** No keys: whoever answers is believed. The fields are zero; that a peer's are was checked when they were decoded. */
export const plainInitiator: InitiatorAgreement = {
  protection: 'plain',
  greet: () => new Uint8Array(KEY_AGREEMENT),
  judge: () => ({ kind: 'agreed', ...plainKeys }),
};

/** The other side of `plainInitiator`. */
export const plainAcceptor: AcceptorAgreement = {
  protection: 'plain',
  answer: () => ({ kind: 'agreed', ...plainKeys, keyAgreement: new Uint8Array(KEY_AGREEMENT) }),
};
