import { createHash } from 'node:crypto';
import type { CreateDigest } from '../../src/transfer/digest.ts';

/** SHA-256 by Node. */
export const sha256: CreateDigest = () => {
  const hash = createHash('sha256');
  return { update: (bytes) => void hash.update(bytes), digest: () => new Uint8Array(hash.digest()) };
};
