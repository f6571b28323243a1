import type { ReceivedFile, ReceiveEvent } from '../receive-event.ts';
import { formatCount, formatSize } from './format.ts';
import type { Output } from './output.ts';
import { fingerprintLine, summaryLine } from './report.ts';

/** Lines about files of one transfer that were not stored; the others are only counted, as a peer may offer files without end. */
const MAX_FAILURES = 100;

/** Tells people what happens at a receiver, transfer by transfer. */
export class TransferLog {
  readonly #output: Output;
  /** Files that were not stored, by transfer. */
  readonly #failures = new Map<number, number>();

  constructor(output: Output) {
    this.#output = output;
  }

  take(event: ReceiveEvent): void {
    switch (event.kind) {
      case 'started':
        this.#failures.set(event.transfer, 0);
        this.#takeStart(event);
        break;
      case 'file':
        this.#takeFile(event.transfer, event.peer, event.file);
        break;
      case 'ended':
        this.#takeEnd(event);
        break;
    }
  }

  #takeStart({ peer, security }: Extract<ReceiveEvent, { kind: 'started' }>): void {
    this.#output.detail(`${peer} began a transfer`);
    const words = fingerprintLine(security, peer);
    if (words !== undefined) this.#output.note(words);
  }

  #takeFile(transfer: number, peer: string, file: ReceivedFile): void {
    if (this.#output.format !== undefined) return;
    const { name, status, size = 0, text, sha256 } = file;
    if (status === 'stored') {
      this.#output.note(`stored ${name}, ${formatSize(size)}, from ${peer}`);
      this.#output.detail(`${sha256}  ${name}`);
      return;
    }
    const failures = (this.#failures.get(transfer) ?? 0) + 1;
    this.#failures.set(transfer, failures);
    if (failures <= MAX_FAILURES) this.#output.error(`udpcp: ${name} from ${peer}: ${status}: ${text}`);
  }

  #takeEnd(event: Extract<ReceiveEvent, { kind: 'ended' }>): void {
    const { transfer, peer, end, text, stored, bytes, elapsed } = event;
    const failures = this.#failures.get(transfer) ?? 0;
    this.#failures.delete(transfer);
    if (this.#output.format !== undefined) return;
    if (failures > MAX_FAILURES) {
      this.#output.error(`udpcp: ${formatCount(failures - MAX_FAILURES, 'file')} more from ${peer} were not stored`);
    }
    if (end !== 'complete') {
      this.#output.error(`udpcp: the transfer from ${peer} ended early: ${text}`);
    } else if (stored > 0) {
      this.#output.detail(summaryLine({ verb: 'received', files: stored, bytes, elapsed }));
    }
  }
}
