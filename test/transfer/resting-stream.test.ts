import { expect, test } from 'vitest';
import { createSha256 } from '../../src/crypto/digest.ts';
import { MemoryStore } from '../../src/transfer/memory-store.ts';
import { ReceivingTransfer } from '../../src/transfer/receiving.ts';
import { encodeText } from '../../src/transfer/text.ts';
import { ScriptedStream } from './scripted-stream.ts';

const OFFER = { kind: 'offer', entry: 0, entryKind: 'file', mtime: undefined, mode: undefined, fresh: false } as const;

test.each([
  ['a file owes its content', 5, true],
  ['a stream may rest', undefined, false],
])('%s', (_, size, isWaiting) => {
  const stream = new ScriptedStream();
  const owner = { heardAt: 0, ping: () => {}, replace: () => {} };
  const transfer = new ReceivingTransfer(new MemoryStore(createSha256), stream, () => {}, owner);
  stream.say({ ...OFFER, size, path: [encodeText('x')], target: new Uint8Array(0) });
  transfer.step();
  expect(transfer.isWaiting).toBe(isWaiting);
});
