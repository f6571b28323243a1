/** One SHA-256 computation: FIPS 180-4 over everything given to `update`. */
export interface Digest {
  update(bytes: Uint8Array): void;
  /** The digest, 32 bytes; nothing may follow. */
  digest(): Uint8Array;
}

/** Injected, because the pure folders have no cryptography. */
export type CreateDigest = () => Digest;
