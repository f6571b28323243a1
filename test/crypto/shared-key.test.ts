import { inspect } from 'node:util';
import { expect, test } from 'vitest';
import { parseSharedKey, SharedKey, takeSharedKey } from '../../src/crypto/shared-key.ts';

test('generate() gives another key each time, whose text parses to it', () => {
  const keys = Array.from({ length: 20 }, () => SharedKey.generate());
  for (const key of keys) expect(parseSharedKey(key.toText()).bytes).toEqual(key.bytes);
  expect(new Set(keys.map((key) => key.toText())).size).toBe(20);
});

test('a key does not show itself', () => {
  const key = SharedKey.generate();
  const secret = key.toText().slice(7);
  const shown = [
    inspect(key, { depth: 9, showHidden: true }),
    JSON.stringify(key),
    `${key}`,
    String(Object.entries(key)),
  ];
  for (const text of shown) {
    expect(text).not.toContain(secret);
    expect(text).not.toContain(Buffer.from(key.bytes).toString('hex'));
    expect(text).not.toContain(`${key.bytes[0]}, ${key.bytes[1]}, ${key.bytes[2]}`);
  }
});

test.each([0, 31, 33])('%d bytes are no key', (length) => {
  expect(() => new SharedKey(new Uint8Array(length))).toThrow(RangeError);
});

test('takeSharedKey() takes the key out of the environment', () => {
  const key = SharedKey.generate();
  const environment: NodeJS.ProcessEnv = { UDPCP_KEY: key.toText(), PATH: '/bin' };
  expect(takeSharedKey(environment)?.bytes).toEqual(key.bytes);
  expect(environment).toEqual({ PATH: '/bin' });
  expect(takeSharedKey(environment)).toBeUndefined();
});

test.each([
  ['', 'UDPCP_KEY: a shared key begins with udpcp1_'],
  ['udpcp1_abc', 'UDPCP_KEY: a shared key has 58 characters'],
])('UDPCP_KEY="%s" is an error, and taken out all the same', (text, words) => {
  const environment: NodeJS.ProcessEnv = { UDPCP_KEY: text };
  expect(() => takeSharedKey(environment)).toThrow(
    expect.objectContaining({ code: 'ERR_USAGE', message: expect.stringContaining(words) }),
  );
  expect(environment).toEqual({});
});
