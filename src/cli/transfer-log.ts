import type { ReceivedFile, ReceiveEvent } from '../receive/receive-event.ts';
import { formatCount, formatSize } from './format.ts';
import type { Output } from './output.ts';
import { fingerprintLine, summaryLine } from './report.ts';
import { resumingLine } from './sent-lines.ts';

/** Lines about files of one transfer that were not stored; the others are only counted, as a peer may offer files without end. */
const MAX_FAILURES = 100;
/** The same about files that were stored: of thousands nobody reads the names, unless asked for. */
const MAX_FILES = 20;

/** What was told of one transfer, or would have been. */
interface Told {
  files: number;
  failures: number;
  resuming: number;
}

/** Tells people what happens at a receiver, transfer by transfer. */
export class TransferLog {
  readonly #output: Output;
  readonly #told = new Map<number, Told>();

  constructor(output: Output) {
    this.#output = output;
  }

  take(event: ReceiveEvent): void {
    const told = this.#told.get(event.transfer) ?? { files: 0, failures: 0, resuming: 0 };
    switch (event.kind) {
      case 'started':
        this.#told.set(event.transfer, told);
        this.#takeStart(event);
        break;
      case 'resuming':
        if (told.resuming++ < MAX_FILES) this.#say(`${resumingLine(event)}, from ${event.peer}`);
        break;
      case 'file':
        this.#takeFile(told, event.peer, event.file);
        break;
      case 'ended':
        this.#told.delete(event.transfer);
        this.#takeEnd(told, event);
        break;
    }
  }

  #takeStart({ peer, security }: Extract<ReceiveEvent, { kind: 'started' }>): void {
    this.#output.detail(`${peer} began a transfer`);
    const words = fingerprintLine(security, peer);
    if (words !== undefined) this.#output.note(words);
  }

  #takeFile(told: Told, peer: string, { name, status, size = 0, text, sha256, alreadyThere }: ReceivedFile): void {
    if (status === 'stored') {
      told.files++;
      if (told.files > MAX_FILES && !this.#output.isVerbose) return;
      this.#say(`${alreadyThere ? 'already there' : 'stored'} ${name}, ${formatSize(size)}, from ${peer}`);
      if (this.#output.isVerbose) this.#say(`${sha256}  ${name}`);
      return;
    }
    told.failures++;
    if (told.failures > MAX_FAILURES || this.#output.format !== undefined) return;
    this.#output.error(`udpcp: ${name} from ${peer}: ${status}: ${text}`);
  }

  #takeEnd({ files, failures }: Told, event: Extract<ReceiveEvent, { kind: 'ended' }>): void {
    const { peer, end, text, stored, alreadyThere, bytes, resumedBytes, elapsed } = event;
    if (this.#output.format !== undefined) return;
    if (files > MAX_FILES && !this.#output.isVerbose)
      this.#output.note(`... and ${formatCount(files - MAX_FILES, 'file')} more from ${peer}`);
    if (failures > MAX_FAILURES) {
      this.#output.error(`udpcp: ${formatCount(failures - MAX_FAILURES, 'file')} more from ${peer} were not stored`);
    }
    if (end !== 'complete') {
      this.#output.error(`udpcp: the transfer from ${peer} ended early: ${text}`);
    } else if (stored > alreadyThere) {
      const counts = { files: stored - alreadyThere, bytes, resumedBytes };
      this.#output.detail(summaryLine({ verb: 'received', ...counts, elapsed }));
    }
  }

  /** A line for people where no program is told. */
  #say(line: string): void {
    if (this.#output.format === undefined) this.#output.note(line);
  }
}
