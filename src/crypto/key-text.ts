import { UdpcpError } from '../errors.ts';
import { writeUint32 } from '../wire/bytes.ts';
import { crc32c } from '../wire/crc32c.ts';
import { decodeBase32, encodeBase32 } from './base32.ts';

const KEY = 32;
const CHECKSUM = 4;
/** Of the 36 bytes in base32. */
const LENGTH = 58;

/** How each kind of key begins, and what people call it. */
const KINDS = {
  shared: { prefix: 'udpcp1_', words: 'shared key' },
  identity: { prefix: 'udpcp1id_', words: "receiver's public key" },
  secret: { prefix: 'udpcp1secret_', words: "receiver's secret key" },
} as const;

export type KeyKind = keyof typeof KINDS;

/** 32 bytes as text that says what it is and notices typing errors: prefix, base32, and a CRC-32C over prefix and bytes. */
export function formatKey(kind: KeyKind, bytes: Uint8Array): string {
  const { prefix } = KINDS[kind];
  return prefix + encodeBase32(Buffer.concat([bytes, checksum(prefix, bytes)]));
}

/**
 * The inverse; capitals and surrounding white space do not matter. Throws UdpcpError ERR_USAGE with words for what is
 * wrong, in which nothing of the text itself appears: it may be a secret.
 */
export function parseKey(kind: KeyKind, text: string): Uint8Array {
  const { prefix, words } = KINDS[kind];
  const typed = text.trim().toLowerCase();
  if (!typed.startsWith(prefix)) {
    const other = Object.values(KINDS).find((each) => typed.startsWith(each.prefix));
    const what = other === undefined ? '' : `; this is a ${other.words}`;
    throw new UdpcpError('ERR_USAGE', `a ${words} begins with ${prefix}${what}`);
  }
  const body = typed.slice(prefix.length);
  if (body.length !== LENGTH) {
    const count = `${LENGTH} characters after ${prefix}, this one ${body.length}`;
    throw new UdpcpError('ERR_USAGE', `a ${words} has ${count}: was all of it copied?`);
  }
  const wrong = body.search(/[^a-z2-7]/);
  if (wrong >= 0) {
    const where = `character ${prefix.length + wrong + 1} is none of a-z and 2-7`;
    throw new UdpcpError('ERR_USAGE', `this is no ${words}: ${where}`);
  }
  const bytes = decodeBase32(body);
  const key = bytes?.subarray(0, KEY);
  if (key === undefined || Buffer.compare(checksum(prefix, key), bytes?.subarray(KEY) ?? key) !== 0) {
    throw new UdpcpError('ERR_USAGE', `there is a typing error in the ${words}: its checksum does not fit`);
  }
  return new Uint8Array(key);
}

function checksum(prefix: string, bytes: Uint8Array): Uint8Array {
  const all = Buffer.concat([Buffer.from(prefix), bytes]);
  const sum = new Uint8Array(CHECKSUM);
  writeUint32(sum, 0, crc32c(all, 0, all.length));
  return sum;
}
