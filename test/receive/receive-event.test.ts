import { expect, test } from 'vitest';
import { fileOf } from '../../src/receive/receive-event.ts';
import { TRANSFER_CODE } from '../../src/transfer/codes.ts';
import { HAD_NOTHING } from '../../src/transfer/outcome.ts';
import { utf8 } from '../transfer/bytes.ts';

const outcome = { ...HAD_NOTHING, offer: { path: [utf8('a')] }, size: 1, digest: undefined } as const;
const failed = (code: number, text: string) => fileOf({ ...outcome, status: 'failed', code, text: utf8(text) });

test('why an entry failed is what the sender says of it, or its code in words where it says nothing', () => {
  expect(failed(TRANSFER_CODE.cancelled, 'enough')).toMatchObject({ text: 'enough' });
  expect(failed(TRANSFER_CODE.cancelled, '')).toMatchObject({ text: 'cancelled' });
  expect(failed(999, '')).toMatchObject({ text: 'code 999' });
  expect(fileOf({ ...outcome, status: 'stored', code: TRANSFER_CODE.ok, text: utf8('') })).toMatchObject({ text: '' });
});
