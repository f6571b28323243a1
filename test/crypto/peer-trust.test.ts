import { expect, test } from 'vitest';
import { formatIdentity } from '../../src/crypto/identity.ts';
import { trustOnly } from '../../src/crypto/peer-trust.ts';

const PINNED = new Uint8Array(32).fill(1);
const OTHER = new Uint8Array(32).fill(2);

test('the receiver that was asked for is trusted', () => {
  expect(trustOnly(PINNED)(PINNED.slice())).toBeUndefined();
});

test.each([
  ['another', OTHER, formatIdentity(OTHER)],
  ['one that shows no identity', undefined, 'no identity'],
])('%s is refused, and both are named', (_, identity, shown) => {
  const refusal = trustOnly(PINNED)(identity);
  expect(refusal?.code).toBe('ERR_AUTHENTICATION');
  expect(refusal?.message).toContain(`it shows ${shown}, not ${formatIdentity(PINNED)}`);
});
