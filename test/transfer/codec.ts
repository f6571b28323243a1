import {
  encodeAbort,
  encodeContentHeader,
  encodeDone,
  encodeEnd,
  encodeMissing,
  encodeOffer,
  encodePrefix,
  encodeReceipt,
  encodeVerdict,
} from '../../src/transfer/encode-message.ts';
import { MessageReader } from '../../src/transfer/message-reader.ts';
import type { ControlMessage, IncomingMessage } from '../../src/transfer/messages.ts';
import { join } from './bytes.ts';

/** A message as its sender means it: content is whole. */
export type SentMessage =
  | ControlMessage
  | { readonly kind: 'content' | 'early'; readonly entry: number; readonly offset: number; readonly bytes: Uint8Array };

/** Any message by our codec, content with its bytes. */
export function encodeMessage(message: SentMessage): Uint8Array {
  switch (message.kind) {
    case 'offer':
      return encodeOffer(message);
    case 'content':
    case 'early':
      return join([
        encodeContentHeader(message.kind, message.entry, message.offset, message.bytes.length),
        message.bytes,
      ]);
    case 'end':
      return encodeEnd(message);
    case 'abort':
      return encodeAbort(message);
    case 'done':
      return encodeDone(message);
    case 'prefix':
      return encodePrefix(message);
    case 'missing':
      return encodeMissing(message);
    case 'verdict':
      return encodeVerdict(message);
    case 'receipt':
      return encodeReceipt(message);
  }
}

/** Everything a reader says about a stream that comes in these slices. */
export function readAll(slices: Iterable<Uint8Array>): { messages: IncomingMessage[]; atBoundary: boolean } {
  const reader = new MessageReader();
  const messages: IncomingMessage[] = [];
  for (const bytes of slices) {
    reader.push(bytes);
    for (let message = reader.poll(); message !== undefined; message = reader.poll()) messages.push(message);
  }
  return { messages, atBoundary: reader.atBoundary };
}

/** Content that came in pieces put together again, where it is consecutive. */
export function gatherContent(messages: readonly IncomingMessage[]): IncomingMessage[] {
  const gathered: IncomingMessage[] = [];
  for (const message of messages) {
    const last = gathered.at(-1);
    const continues =
      (message.kind === 'content' || message.kind === 'early') &&
      last?.kind === message.kind &&
      message.entry === last.entry &&
      message.offset === last.offset + last.bytes.length;
    if (continues) gathered[gathered.length - 1] = { ...last, bytes: join([last.bytes, message.bytes]) };
    else gathered.push(message);
  }
  return gathered;
}
