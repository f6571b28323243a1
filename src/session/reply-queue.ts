import type { Bytes } from '../base/units.ts';
import type { Transmit } from './endpoint.ts';

/** More waiting answers than this are dropped: whoever wanted one asks again. */
const MAX_REPLIES = 256;

interface Reply {
  readonly to: string;
  /** Writes the answer; returns its length. */
  readonly write: (out: Uint8Array) => Bytes;
}

/** Answers to HELLOs, written only when the socket is ready for them. */
export class ReplyQueue {
  readonly #replies: Reply[] = [];

  push(to: string, write: Reply['write']): void {
    if (this.#replies.length < MAX_REPLIES) this.#replies.push({ to, write });
  }

  pollTransmit(out: Uint8Array): Transmit | undefined {
    const reply = this.#replies.shift();
    return reply === undefined ? undefined : { length: reply.write(out), to: reply.to };
  }
}
