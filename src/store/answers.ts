import type { Bytes } from '../base/units.ts';
import { TRANSFER_CODE } from '../transfer/codes.ts';
import type { Receipt, Verdict } from '../transfer/messages.ts';
import { cutText, encodeText } from '../transfer/text.ts';
import type { Failure } from './failure.ts';

/** A verdict without the fields that the transfer adds. */
export type Answer = Omit<Verdict, 'kind' | 'entry'>;
/** A receipt without the fields that the transfer adds. */
export type Outcome = Omit<Receipt, 'kind' | 'entry'>;

const DIGEST_LENGTH = 32;
const NOTHING = new Uint8Array(0);

/** Send it, from this offset on. */
export function accept(offset: Bytes): Answer {
  return { verdict: 'accept', code: TRANSFER_CODE.ok, offset, text: NOTHING };
}

/** Send only its digest: a file of its size is there. */
export function compare(): Answer {
  return { verdict: 'compare', code: TRANSFER_CODE.ok, offset: 0, text: NOTHING };
}

/** Not wanted, and no error. */
export function skip(code: number, text: string): Answer {
  return { verdict: 'skip', code, offset: 0, text: forPeople(text) };
}

/** Not possible. */
export function refuse(code: number, text: string): Answer {
  return { verdict: 'refuse', code, offset: 0, text: forPeople(text) };
}

/** Verified, durable, published. An empty text: under the name that was offered. */
export function stored(size: Bytes, digest: Uint8Array, text: string): Outcome {
  return { code: TRANSFER_CODE.ok, size, digest, text: forPeople(text) };
}

/** Not stored; `size` bytes had arrived, and `digest` is theirs where it was the reason. */
export function notStored(failure: Failure, size: Bytes, digest: Uint8Array = new Uint8Array(DIGEST_LENGTH)): Outcome {
  return { code: failure.code, size, digest, text: forPeople(failure.text) };
}

const forPeople = (text: string): Uint8Array => (text === '' ? NOTHING : cutText(encodeText(text)));
