import type { SessionKeys } from '../session/key-agreement.ts';
import { createKeyPair, Handshake, type KeyPair } from './handshake.ts';
import { type KeyLimits, NoiseProtection } from './noise-protection.ts';
import type { SharedKey } from './shared-key.ts';

/** What both ends of a Noise key agreement are made with. */
export interface NoiseOptions {
  /** What both ends know beforehand; undefined: either talks to anybody. */
  readonly key?: SharedKey | undefined;
  readonly limits?: Partial<KeyLimits> | undefined;
  /** Where ephemeral keys come from; each pair is for one handshake, and zeroed. */
  readonly drawKeyPair?: (() => KeyPair) | undefined;
}

export function protectionOf({ key }: NoiseOptions): 'noise' | 'noise-psk' {
  return key === undefined ? 'noise' : 'noise-psk';
}

export function drawKeyPair({ drawKeyPair: draw = createKeyPair }: NoiseOptions): KeyPair {
  return draw();
}

/** A handshake over the bound bytes of a HELLO, before its first message (PROTOCOL.md, section "Noise"). */
export function beginHandshake({ key }: NoiseOptions, isInitiator: boolean, hello: Uint8Array): Handshake {
  return new Handshake(isInitiator, hello, key?.bytes);
}

/** What a session has from a handshake whose both messages have gone through. */
export function sessionKeys(options: NoiseOptions, handshake: Handshake): SessionKeys {
  const { sending, receiving, hash } = handshake.secrets;
  const protection = new NoiseProtection(protectionOf(options), sending, receiving, options.limits);
  return { protection, channelBinding: new Uint8Array(hash) };
}
