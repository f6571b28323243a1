import { createPublicKey, verify } from 'node:crypto';
import { chmod, readFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { inspect } from 'node:util';
import { expect, test } from 'vitest';
import { formatIdentity, Identity, loadIdentity, parseIdentity } from '../../src/crypto/identity.ts';
import { temporaryDirectory } from '../store/temporary.ts';
import { fromHex, toHex } from '../wire/vector-file.ts';

// RFC 8032 section 7.1, tests 1 to 3: seed, public key, message, signature.
test.each([
  [
    '9d61b19deffd5a60ba844af492ec2cc44449c5697b326919703bac031cae7f60',
    'd75a980182b10ab7d54bfed3c964073a0ee172f3daa62325af021a68f707511a',
    '',
    'e5564300c360ac729086e2cc806e828a84877f1eb8e5d974d873e065224901555fb8821590a33bacc61e39701cf9b46bd25bf5f0595bbe24655141438e7a100b',
  ],
  [
    '4ccd089b28ff96da9db6c346ec114e0f5b8a319f35aba624da8cf6ed4fb8a6fb',
    '3d4017c3e843895a92b70aa74d1b7ebc9c982ccf2ec4968cc0cd55f12af4660c',
    '72',
    '92a009a9f0d4cab8720e820b5f642540a2b27b5416503f8fb3762223ebdb69da085ac1e43e15996e458f3613d0f11d8c387b2eaeb4302aeeb00d291612bb0c00',
  ],
])('an identity is the key pair of RFC 8032: seed %s', (seed, publicKey, message, signature) => {
  const identity = new Identity(fromHex(seed));
  expect(toHex(identity.publicKey)).toBe(publicKey);
  expect(toHex(identity.sign(fromHex(message)))).toBe(signature);
});

test('node:crypto verifies its signatures', () => {
  const identity = new Identity(new Uint8Array(32).fill(9));
  const key = Buffer.concat([Buffer.from('302a300506032b6570032100', 'hex'), identity.publicKey]);
  const publicKey = createPublicKey({ key, format: 'der', type: 'spki' });
  const message = Buffer.from('message');
  expect(verify(null, message, publicKey, identity.sign(message))).toBe(true);
});

test('an identity shows its public key and no secret', () => {
  const seed = new Uint8Array(32).fill(0x5a);
  const shown = inspect(new Identity(seed), { depth: 9, showHidden: true, maxArrayLength: null });
  expect(shown).toContain('publicKey');
  expect(shown).not.toContain('90, 90, 90');
});

test('its text parses to its public key', () => {
  const { publicKey } = new Identity(new Uint8Array(32));
  expect(parseIdentity(formatIdentity(publicKey))).toEqual(publicKey);
});

test('loadIdentity() makes a file once, and is the same identity ever after', async () => {
  const path = join(await temporaryDirectory(), 'udpcp', 'identity');
  const first = await loadIdentity(path);
  const text = await readFile(path, 'utf8');
  expect(text).toContain(formatIdentity(first.publicKey));
  expect((await loadIdentity(path)).publicKey).toEqual(first.publicKey);
  expect(await readFile(path, 'utf8')).toBe(text);
});

test('receivers that start at once for the first time have one identity', async () => {
  const path = join(await temporaryDirectory(), 'identity');
  const identities = await Promise.all(Array.from({ length: 10 }, () => loadIdentity(path)));
  expect(new Set(identities.map(({ publicKey }) => toHex(publicKey))).size).toBe(1);
});

test('two files are two identities', async () => {
  const directory = await temporaryDirectory();
  const [one, two] = [await loadIdentity(join(directory, 'one')), await loadIdentity(join(directory, 'two'))];
  expect(one.publicKey).not.toEqual(two.publicKey);
});

test('a file of something else, or that others can read, is refused and not replaced', async () => {
  const path = join(await temporaryDirectory(), 'identity');
  const { publicKey } = await loadIdentity(path);
  if (process.platform !== 'win32') {
    await chmod(path, 0o644);
    await expect(loadIdentity(path)).rejects.toThrow(expect.objectContaining({ code: 'ERR_USAGE' }));
    await chmod(path, 0o600);
  }
  await writeFile(path, `${formatIdentity(publicKey)}\n`);
  await expect(loadIdentity(path)).rejects.toThrow("begins with udpcp1secret_; this is a receiver's public key");
  expect(await readFile(path, 'utf8')).toBe(`${formatIdentity(publicKey)}\n`);
});
