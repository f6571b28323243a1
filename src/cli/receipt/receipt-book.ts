import type { ReceivedFile, ReceiveEvent } from '../../receive/receive-event.ts';
import { receiptLine } from './receipt.ts';

/** Files of one transfer that are in its receipt: a peer may offer files without end. */
const MAX_FILES = 100_000;

interface Page {
  readonly files: ReceivedFile[];
  omitted: number;
}

/** Makes a receiver's receipts: one for each transfer that stored something, however it ended. */
export class ReceiptBook {
  readonly #add: (line: string) => void;
  readonly #pages = new Map<number, Page>();

  constructor(add: (line: string) => void) {
    this.#add = add;
  }

  take(event: ReceiveEvent): void {
    const { transfer, peer } = event;
    const page = this.#pages.get(transfer) ?? { files: [], omitted: 0 };
    switch (event.kind) {
      case 'started':
        this.#pages.set(transfer, page);
        break;
      case 'resuming':
        break;
      case 'file':
        if (page.files.length < MAX_FILES) page.files.push(event.file);
        else page.omitted++;
        break;
      case 'ended':
        this.#pages.delete(transfer);
        if (event.stored > 0) this.#add(receiptLine({ role: 'receiver', peer, security: event.security, ...page }));
        break;
    }
  }
}
