import { sodium } from './native.ts';

const { crypto_generichash } = sodium;

/** BLAKE2b with an output of 32 bytes, keyed where there is a key of 16..64 bytes (RFC 7693). */
export function blake2b256(input: Uint8Array, key?: Uint8Array): Uint8Array {
  const output = new Uint8Array(32);
  if (key === undefined) crypto_generichash(output, input);
  else crypto_generichash(output, input, key);
  return output;
}

/** 32 bytes for one purpose from a secret of 16..64 bytes (PROTOCOL.md, section "Keys"). */
export function derive(secret: Uint8Array, label: string): Uint8Array {
  return blake2b256(Buffer.from(label, 'ascii'), secret);
}
