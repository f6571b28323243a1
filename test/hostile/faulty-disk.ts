import { execFileSync } from 'node:child_process';
import { closeSync, mkdtempSync, openSync, readSync, rmSync, writeFileSync, writeSync } from 'node:fs';
import { constants, tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';

/** The system calls that may fail, by their numbers in faulty-disk.c; reads are those of files above 64 KiB. */
const KINDS = {
  write: 1,
  sync: 2,
  link: 3,
  create: 4,
  chmod: 5,
  unlink: 6,
  send: 7,
  mkdir: 8,
  rmdir: 9,
  rename: 10,
  read: 11,
} as const;
/** In the place of an errno. */
const KILLS = { before: -1, after: -2 } as const;
const HOLD = -3;
const SOURCE = fileURLToPath(new URL('faulty-disk.c', import.meta.url));
/** The plan, one unused word, and a counter of two. */
const WORDS = 8;
const SENT_AT = 24;

export type FaultKind = keyof typeof KINDS;

/** A library that makes system calls of a process fail or be its last, and the file through which it is told which ones. */
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
    this.env = { LD_PRELOAD: library, FAULTS: plan };
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

  /** SIGKILL before or after the nth call of this kind. */
  armKill(when: keyof typeof KILLS, kind: FaultKind, nth: number): void {
    this.arm(kind, nth, KILLS[when]);
  }

  /** The nth call of this kind does not return before `disarm`. */
  armHold(kind: FaultKind, nth: number): void {
    this.arm(kind, nth, HOLD);
  }

  disarm(): void {
    this.#write([0, 0, 0, 0, 0]);
  }

  /** The call that was to fail has failed, or was the last one. */
  get hasFailed(): boolean {
    return this.#read().readInt32LE(16) > 0;
  }

  /** Bytes of all datagrams that were sent by all processes with this environment. */
  get sent(): number {
    return Number(this.#read().readBigInt64LE(SENT_AT));
  }

  remove(): void {
    closeSync(this.#plan);
    rmSync(this.#directory, { recursive: true });
  }

  #read(): Buffer {
    const words = Buffer.alloc(4 * WORDS);
    readSync(this.#plan, words, 0, words.length, 0);
    return words;
  }

  #write(words: readonly number[]): void {
    writeSync(this.#plan, Buffer.from(Int32Array.from(words).buffer), 0, 4 * words.length, 0);
  }
}
