import { NoiseAcceptor, type NoiseAcceptorOptions } from '../../src/crypto/noise-acceptor.ts';
import { NoiseInitiator, type NoiseInitiatorOptions } from '../../src/crypto/noise-initiator.ts';
import { SharedKey } from '../../src/crypto/shared-key.ts';
import { ACCEPT_BOUND, HELLO_BOUND, type SessionProtection } from '../../src/session/key-agreement.ts';

/** Bytes that stand for the bound part of a HELLO and of an ACCEPT: to the key agreement they are just bytes. */
export const HELLO = Uint8Array.from({ length: HELLO_BOUND }, (_, at) => at + 1);
export const ACCEPT = Uint8Array.from({ length: ACCEPT_BOUND }, (_, at) => 200 - at);

export const KEY = new SharedKey(new Uint8Array(32).fill(7));

export interface Ends<One> {
  readonly initiator: One;
  readonly acceptor: One;
}

/** Both ends of a handshake that nobody disturbs. Throws when it fails. */
export function shakeHands(ofInitiator: NoiseInitiatorOptions = {}, ofAcceptor: NoiseAcceptorOptions = {}) {
  const initiator = new NoiseInitiator(ofInitiator);
  const answer = new NoiseAcceptor(ofAcceptor).answer(HELLO, initiator.greet(HELLO), ACCEPT);
  if (answer.kind !== 'agreed') throw new Error(`the acceptor says ${answer.kind}`);
  const verdict = initiator.judge(ACCEPT, answer.keyAgreement);
  if (verdict.kind !== 'agreed') throw new Error(`the initiator says ${verdict.kind}`);
  return { initiator: verdict, acceptor: answer };
}

/** The protections of both ends. */
export function protections(options: NoiseInitiatorOptions & NoiseAcceptorOptions = {}): Ends<SessionProtection> {
  const { initiator, acceptor } = shakeHands(options, options);
  return { initiator: initiator.protection, acceptor: acceptor.protection };
}

/** The same bytes but for one bit. */
export function flipped(bytes: Uint8Array, bit: number): Uint8Array {
  const changed = Uint8Array.from(bytes);
  changed[bit >> 3] = (changed[bit >> 3] ?? 0) ^ (1 << (bit & 7));
  return changed;
}
