/** What udpcp uses of libsodium. Every function throws when a length is wrong. */
declare module 'sodium-native' {
  /** Throws when `m` and `k` are not what was encrypted. `m` may lie where `c` does; then a failure zeroes it. */
  export function crypto_aead_chacha20poly1305_ietf_decrypt(
    m: Uint8Array,
    nsec: null,
    c: Uint8Array,
    ad: Uint8Array | null,
    npub: Uint8Array,
    k: Uint8Array,
  ): number;
  /** `c` is 16 bytes longer than `m` and may begin where `m` does. */
  export function crypto_aead_chacha20poly1305_ietf_encrypt(
    c: Uint8Array,
    m: Uint8Array,
    ad: Uint8Array | null,
    nsec: null,
    npub: Uint8Array,
    k: Uint8Array,
  ): number;
  /** BLAKE2b (RFC 7693) of 16..64 bytes, as many as `output` has, with an optional key of 16..64 bytes. */
  export function crypto_generichash(output: Uint8Array, input: Uint8Array, key?: Uint8Array): void;
  /** A fresh X25519 key pair. */
  export function crypto_kx_keypair(publicKey: Uint8Array, secretKey: Uint8Array): void;
  export function crypto_sign_detached(signature: Uint8Array, message: Uint8Array, secretKey: Uint8Array): void;
  export function crypto_sign_seed_keypair(publicKey: Uint8Array, secretKey: Uint8Array, seed: Uint8Array): void;
  /** Refuses public keys of small order and signatures that are not canonical. */
  export function crypto_sign_verify_detached(
    signature: Uint8Array,
    message: Uint8Array,
    publicKey: Uint8Array,
  ): boolean;
  export function randombytes_buf(bytes: Uint8Array): void;
  export function sodium_memzero(bytes: Uint8Array): void;
}
