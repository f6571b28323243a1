import { TRANSFER_CODE } from './codes.ts';
import { PREFIX_CHUNK } from './message-layout.ts';
import type { Offer, Verdict } from './messages.ts';

/** What is wrong with a verdict on this offer; undefined: nothing. */
export function checkVerdict({ verdict, code, offset }: Verdict, { size }: Pick<Offer, 'size'>): string | undefined {
  if (verdict === 'skip' || verdict === 'refuse') {
    return offset === 0 ? undefined : 'verdict asks for an offset of what it does not want';
  }
  if (code !== TRANSFER_CODE.ok) return `verdict says ${verdict} with a code`;
  if (verdict === 'compare') {
    if (size === undefined) return 'verdict compares with a size that is not known';
    return offset === 0 ? undefined : 'verdict compares with an offset';
  }
  if (offset === 0) return undefined;
  if (offset % PREFIX_CHUNK !== 0) return 'verdict asks for an offset inside a chunk';
  return offset > (size ?? 0) ? 'verdict asks for an offset beyond the size' : undefined;
}
