import { createHash } from 'node:crypto';
import type { Source, SourcePiece } from '../../transfer/ports.ts';

const DIGEST_OF_NOTHING = new Uint8Array(createHash('sha256').digest());

/** The source of an entry without content: a directory or a link. */
export class EmptySource implements Source {
  #isOver = false;

  poll(): SourcePiece | undefined {
    if (this.#isOver) return undefined;
    this.#isOver = true;
    return { kind: 'end', size: 0, digest: DIGEST_OF_NOTHING };
  }

  resend(): void {}

  close(): void {
    this.#isOver = true;
  }
}
