import type { ReceivedFile, ReceiveEvent } from '../receive-event.ts';
import type { FileReceiver } from '../receive-files.ts';
import { formatCount, formatSize } from './format.ts';
import { transferJson } from './json.ts';
import type { Output } from './output.ts';
import { fingerprintLine, summaryLine } from './report.ts';

/** Files of one transfer that are in its JSON; the others are only counted, as a peer may offer files without end. */
const MAX_LISTED = 10_000;
/** Lines about files of one transfer that were not stored; the others are only counted. */
const MAX_FAILURES = 100;

/** What is known of a transfer that goes on. */
interface Told {
  /** For `--json` only. */
  readonly files: ReceivedFile[];
  omitted: number;
  failures: number;
}

/** Tells what happens at a receiver, transfer by transfer. */
export class TransferLog {
  readonly #output: Output;
  readonly #channel: () => FileReceiver['channel'];
  readonly #told = new Map<number, Told>();

  constructor(output: Output, channel: () => FileReceiver['channel']) {
    this.#output = output;
    this.#channel = channel;
  }

  take(event: ReceiveEvent): void {
    switch (event.kind) {
      case 'started':
        this.#told.set(event.transfer, { files: [], omitted: 0, failures: 0 });
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
    const told = this.#told.get(transfer);
    if (told === undefined) return;
    if (this.#output.isJson) {
      if (told.files.length < MAX_LISTED) told.files.push(file);
      else told.omitted++;
      return;
    }
    const { name, status, size = 0, text, sha256 } = file;
    if (status === 'stored') {
      this.#output.note(`stored ${name}, ${formatSize(size)}, from ${peer}`);
      this.#output.detail(`${sha256}  ${name}`);
    } else if (++told.failures <= MAX_FAILURES) {
      this.#output.error(`udpcp: ${name} from ${peer}: ${status}: ${text}`);
    }
  }

  #takeEnd(event: Extract<ReceiveEvent, { kind: 'ended' }>): void {
    const { transfer, peer, end, text, stored, bytes, elapsed } = event;
    const { files = [], omitted = 0, failures = 0 } = this.#told.get(transfer) ?? {};
    this.#told.delete(transfer);
    if (failures > MAX_FAILURES) {
      this.#output.error(`udpcp: ${formatCount(failures - MAX_FAILURES, 'file')} more from ${peer} were not stored`);
    }
    if (this.#output.isJson) {
      this.#output.result(transferJson(event, { files, omitted }, this.#channel()));
    } else if (end !== 'complete') {
      this.#output.error(`udpcp: the transfer from ${peer} ended early: ${text}`);
    } else if (stored > 0) {
      this.#output.detail(summaryLine({ verb: 'received', files: stored, bytes, elapsed }));
    }
  }
}
