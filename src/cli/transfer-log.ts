import type { FileReceiver, ReceivedFile, ReceiveEvent } from '../receive-files.ts';
import { formatSize } from './format.ts';
import { transferJson } from './json.ts';
import type { Output } from './output.ts';
import { fingerprintLine, summaryLine } from './report.ts';

/** Tells what happens at a receiver, transfer by transfer. */
export class TransferLog {
  readonly #output: Output;
  readonly #channel: () => FileReceiver['channel'];
  /** For `--json` only: the files of transfers that are going on. */
  readonly #files = new Map<number, ReceivedFile[]>();

  constructor(output: Output, channel: () => FileReceiver['channel']) {
    this.#output = output;
    this.#channel = channel;
  }

  take(event: ReceiveEvent): void {
    switch (event.kind) {
      case 'started':
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
    if (this.#output.isJson) {
      const files = this.#files.get(transfer) ?? [];
      if (files.length === 0) this.#files.set(transfer, files);
      files.push(file);
      return;
    }
    const { name, status, size = 0, text, sha256 } = file;
    if (status === 'stored') {
      this.#output.note(`stored ${name}, ${formatSize(size)}, from ${peer}`);
      this.#output.detail(`${sha256}  ${name}`);
    } else {
      this.#output.error(`udpcp: ${name} from ${peer}: ${status}: ${text}`);
    }
  }

  #takeEnd(event: Extract<ReceiveEvent, { kind: 'ended' }>): void {
    const { transfer, peer, end, text, stored, bytes, elapsed } = event;
    if (this.#output.isJson) {
      this.#output.result(transferJson(event, this.#files.get(transfer) ?? [], this.#channel()));
      this.#files.delete(transfer);
    } else if (end !== 'complete') {
      this.#output.error(`udpcp: the transfer from ${peer} ended early: ${text}`);
    } else if (stored > 0) {
      this.#output.detail(summaryLine({ verb: 'received', files: stored, bytes, elapsed }));
    }
  }
}
