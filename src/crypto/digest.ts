import { createHash } from 'node:crypto';
import type { CreateDigest } from '../transfer/digest.ts';

/** SHA-256 by node:crypto. */
export const createSha256: CreateDigest = () => {
  const hash = createHash('sha256');
  return { update: (bytes) => void hash.update(bytes), digest: () => new Uint8Array(hash.digest()) };
};
