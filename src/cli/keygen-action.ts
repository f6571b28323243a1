import { formatIdentity, loadIdentity } from '../crypto/identity.ts';
import { createSecretFile } from '../crypto/secret-file.ts';
import { SharedKey } from '../crypto/shared-key.ts';
import { UdpcpError } from '../errors.ts';
import { printable } from '../printable.ts';

/** What `command.opts()` holds. */
export interface KeygenOptions {
  readonly keyFile?: string;
  readonly identity?: string;
}

/** Runs `udpcp keygen`. Rejects with UdpcpError ERR_USAGE. */
export async function keygen({ keyFile, identity }: KeygenOptions): Promise<void> {
  if (identity !== undefined) {
    process.stdout.write(`${formatIdentity((await loadIdentity(identity)).publicKey)}\n`);
    return;
  }
  const key = `${SharedKey.generate().toText()}\n`;
  if (keyFile === undefined) process.stdout.write(key);
  else if (!(await createSecretFile(keyFile, key))) {
    throw new UdpcpError('ERR_USAGE', `${printable(keyFile)} exists: a key is never overwritten`);
  }
}
