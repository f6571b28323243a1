import { execFileSync } from 'node:child_process';
import { closeSync, mkdtempSync, openSync, readSync, rmSync, writeFileSync, writeSync } from 'node:fs';
import { constants, tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';

/** The system calls that may fail, by their numbers in faulty-disk.c. */
const KINDS = { write: 1, sync: 2, link: 3, create: 4, chmod: 5 } as const;
const SOURCE = fileURLToPath(new URL('faulty-disk.c', import.meta.url));
const WORDS = 5;

export type FaultKind = keyof typeof KINDS;

/** A library that makes system calls of a process fail, and the file through which it is told which ones. */
export class FaultyDisk {
  /** What the process that is to fail needs in its environment. */
  readonly env: Readonly<Record<string, string>>;
  readonly #directory: string;
  readonly #plan: number;

  private constructor(directory: string) {
    this.#directory = directory;
    const library = join(directory, 'faulty-disk.so');
    execFileSync('cc', ['-shared', '-fPIC', '-O1', '-w', '-o', library, SOURCE, '-ldl'], { stdio: 'pipe' });
    const plan = join(directory, 'plan');
    writeFileSync(plan, Buffer.alloc(4 * WORDS));
    this.#plan = openSync(plan, 'r+');
    this.env = { LD_PRELOAD: library, UDPCP_FAULTS: plan };
  }

  /** Undefined where there is no compiler, or nothing like LD_PRELOAD. */
  static make(): FaultyDisk | undefined {
    if (process.platform !== 'linux') return undefined;
    const directory = mkdtempSync(join(tmpdir(), 'udpcp-faults-'));
    try {
      return new FaultyDisk(directory);
    } catch {
      rmSync(directory, { recursive: true });
      return undefined;
    }
  }

  /** From now on the nth call of this kind fails, and no other. */
  arm(kind: FaultKind, nth: number, errno: keyof typeof constants.errno | number): void {
    const code = typeof errno === 'number' ? errno : constants.errno[errno];
    this.#write([0, 0, 0, 0, 0]); // before the count begins anew nothing may count
    this.#write([KINDS[kind], nth, code, 0, 0]);
  }

  disarm(): void {
    this.#write([0, 0, 0, 0, 0]);
  }

  /** The call that was to fail has failed. */
  get hasFailed(): boolean {
    const words = Buffer.alloc(4 * WORDS);
    readSync(this.#plan, words, 0, words.length, 0);
    return words.readInt32LE(4 * (WORDS - 1)) > 0;
  }

  remove(): void {
    closeSync(this.#plan);
    rmSync(this.#directory, { recursive: true });
  }

  #write(words: readonly number[]): void {
    writeSync(this.#plan, Buffer.from(Int32Array.from(words).buffer), 0, 4 * WORDS, 0);
  }
}
