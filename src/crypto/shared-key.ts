import { UdpcpError } from '../errors.ts';
import { formatKey, parseKey } from './key-text.ts';
import { sodium } from './native.ts';
import { readSecretFile } from './secret-file.ts';

const { randombytes_buf } = sodium;

const VARIABLE = 'UDPCP_KEY';

/** 32 bytes that both ends know and nobody else. Printing the object shows none of them. */
export class SharedKey {
  readonly #bytes: Uint8Array;

  /** Takes the bytes. */
  constructor(bytes: Uint8Array) {
    if (bytes.length !== 32) throw new RangeError('a shared key has 32 bytes');
    this.#bytes = bytes;
  }

  static generate(): SharedKey {
    const bytes = new Uint8Array(32);
    randombytes_buf(bytes);
    return new SharedKey(bytes);
  }

  get bytes(): Uint8Array {
    return this.#bytes;
  }

  /** `udpcp1_` and 58 characters; not `toString`, so that no message can show it by accident. */
  toText(): string {
    return formatKey('shared', this.#bytes);
  }
}

/** Reads the text of a shared key. Throws UdpcpError ERR_USAGE. */
export function parseSharedKey(text: string): SharedKey {
  return new SharedKey(parseKey('shared', text));
}

/** Reads a file that holds a shared key and that only its owner can read. Rejects with UdpcpError ERR_USAGE. */
export async function readSharedKeyFile(path: string): Promise<SharedKey> {
  return readSecretFile(path, parseSharedKey);
}

/** Takes the shared key out of `UDPCP_KEY`, so that no child process inherits it. Throws UdpcpError ERR_USAGE. */
export function takeSharedKey(environment: NodeJS.ProcessEnv): SharedKey | undefined {
  const text = environment[VARIABLE];
  if (text === undefined) return undefined;
  delete environment[VARIABLE];
  try {
    return parseSharedKey(text);
  } catch (error) {
    // Also when it is empty: somebody meant to set it, and without it anybody would be let in.
    if (error instanceof UdpcpError) throw new UdpcpError(error.code, `${VARIABLE}: ${error.message}`);
    throw error;
  }
}
