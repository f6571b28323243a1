import { createHash } from 'node:crypto';
import type { Readable } from 'node:stream';
import type { Bytes } from '../../base/units.ts';
import { printable } from '../../printable.ts';
import { TRANSFER_CODE } from '../../transfer/codes.ts';
import type { Source, SourcePiece } from '../../transfer/ports.ts';
import { encodeText } from '../../transfer/text.ts';
import { checkName, REFUSAL_WORDS } from '../names.ts';
import { StoreError } from '../store-error.ts';
import { StreamReader } from '../stream-reader.ts';
import type { SendEntry } from './tree-entry.ts';

/** Something to send whose length nobody knows, and the name that it gets. */
export interface NamedStream {
  readonly name: string;
  /** Read to its end, or destroyed. */
  readonly stream: Readable;
}

/** An entry without a size. It can be opened once: what was read is gone. Throws StoreError ERR_USAGE for a bad name. */
export function streamEntry({ name, stream }: NamedStream): SendEntry {
  const checked = checkName(encodeText(name), { allowHidden: true, platform: 'posix' });
  if (!checked.ok)
    throw new StoreError('ERR_USAGE', `cannot send as ${name}: the name ${REFUSAL_WORDS[checked.reason]}`);
  let isOpened = false;
  return {
    local: printable(name),
    offer: {
      entryKind: 'file',
      size: undefined,
      mtime: undefined,
      mode: undefined,
      fresh: false,
      path: [encodeText(name)],
      target: new Uint8Array(0),
    },
    open: (_wanted, wake) => {
      if (isOpened) return new SpentSource();
      isOpened = true;
      return new StreamSource(stream, name, wake);
    },
  };
}

/** Reads a stream until it ends. */
class StreamSource implements Source {
  readonly #reader: StreamReader;
  readonly #name: string;
  readonly #hash = createHash('sha256');
  #position: Bytes = 0;

  constructor(stream: Readable, name: string, wake: () => void) {
    this.#reader = new StreamReader(stream, wake);
    this.#name = name;
  }

  poll(): SourcePiece | undefined {
    const piece = this.#reader.poll();
    switch (piece?.kind) {
      case 'bytes': {
        const offset = this.#position;
        this.#position += piece.bytes.length;
        this.#hash.update(piece.bytes);
        return { kind: 'bytes', offset, bytes: piece.bytes };
      }
      case 'end':
        return { kind: 'end', size: this.#position, digest: new Uint8Array(this.#hash.digest()) };
      case 'failed':
        return unreadable(`cannot read ${this.#name}: ${piece.text}`);
      case undefined:
        return undefined;
    }
  }

  resend(): void {}

  close(): void {
    this.#reader.close();
  }
}

/** What a stream is once it was opened. */
class SpentSource implements Source {
  #isTold = false;

  poll(): SourcePiece | undefined {
    if (this.#isTold) return undefined;
    this.#isTold = true;
    return unreadable('a stream cannot be sent again from the start');
  }

  resend(): void {}

  close(): void {}
}

const unreadable = (text: string): SourcePiece => ({ kind: 'failed', code: TRANSFER_CODE.sourceUnreadable, text });
