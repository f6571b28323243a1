import { expect, test } from 'vitest';
import { plainAcceptor, plainInitiator } from '../../src/session/plain-agreement.ts';
import { plainProtection } from '../../src/wire/plain-protection.ts';
import { ACCEPT, HELLO } from '../crypto/shake-hands.ts';

const ZEROS = new Uint8Array(80);

test('both ends say zeros, agree on the checksum, and know nothing of each other', () => {
  expect(plainInitiator.greet(HELLO)).toEqual(ZEROS);
  const keys = { kind: 'agreed', protection: plainProtection, channelBinding: undefined };
  expect(plainAcceptor.answer(HELLO, ZEROS, ACCEPT)).toEqual({ ...keys, keyAgreement: ZEROS });
  expect(plainInitiator.judge(ACCEPT, ZEROS)).toEqual(keys);
});

test('no two packets share the memory of a field', () => {
  plainInitiator.greet(HELLO).fill(1);
  expect(plainInitiator.greet(HELLO)).toEqual(ZEROS);
});

test('both ends ask for plain alone', () => {
  expect([plainInitiator.protection, plainAcceptor.protection]).toEqual(['plain', 'plain']);
});
