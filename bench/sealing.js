import { createHash } from 'node:crypto';
import sodium from 'sodium-native';

const TAG = sodium.crypto_aead_chacha20poly1305_ietf_ABYTES;
/** Speed does not depend on it, and nobody else is there. */
const KEY = Buffer.alloc(sodium.crypto_aead_chacha20poly1305_ietf_KEYBYTES, 1);

/**
 * Encrypts datagrams by ChaCha20-Poly1305 and hashes all that they hold by SHA-256, with the libraries that udpcp has and
 * nothing else. The first `header` bytes of a datagram stay readable.
 */
export function createSealing(header) {
  const hash = createHash('sha256');
  const nonce = Buffer.alloc(sodium.crypto_aead_chacha20poly1305_ietf_NPUBBYTES);
  return {
    /** Bytes that a datagram grows by. */
    tag: TAG,
    /** Seals the first `length` bytes in their place; returns how many there are then. */
    seal(datagram, length, number) {
      const plain = datagram.subarray(header, length);
      hash.update(plain);
      nonce.writeUInt32BE(number);
      const sealed = datagram.subarray(header, length + TAG);
      sodium.crypto_aead_chacha20poly1305_ietf_encrypt(sealed, plain, datagram.subarray(0, header), null, nonce, KEY);
      return length + TAG;
    },
    /** Opens a datagram in its place; returns it without its tag. */
    open(datagram, number) {
      const opened = datagram.subarray(0, datagram.length - TAG);
      const plain = opened.subarray(header);
      nonce.writeUInt32BE(number);
      const sealed = datagram.subarray(header);
      sodium.crypto_aead_chacha20poly1305_ietf_decrypt(plain, null, sealed, datagram.subarray(0, header), nonce, KEY);
      hash.update(plain);
      return opened;
    },
    /** Of all that was sealed, or of all that was opened: hex. */
    digest: () => hash.digest('hex'),
  };
}
