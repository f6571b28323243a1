import { type ChildProcess, spawn } from 'node:child_process';
import { createHash } from 'node:crypto';
import { mkdirSync, mkdtempSync, readdirSync, readFileSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { afterEach, expect, vi } from 'vitest';

/** The package's own directory. */
export const ROOT = fileURLToPath(new URL('../..', import.meta.url));
export const UDPCP = join(ROOT, 'bin/udpcp.js');
/** Nothing of the user who runs the tests: no key, no options, no receivers that were met. */
const {
  XDG_CONFIG_HOME: _,
  HOME: __,
  ...QUIET_ENVIRONMENT
} = Object.fromEntries(Object.entries(process.env).filter(([name]) => !name.startsWith('UDPCP_')));
/** Longest wait for something that has to come, in milliseconds: a loaded machine is slow. */
const PATIENCE = 60_000;

/** How a process ended, and all it wrote. */
export interface Ended {
  readonly code: number | null;
  readonly signal: NodeJS.Signals | null;
  readonly stdout: string;
  readonly stderr: string;
}

export interface StartOptions {
  readonly cwd?: string;
  /** Added to this process's environment. */
  readonly env?: Readonly<Record<string, string>>;
  /** Instead of Node with udpcp. */
  readonly command?: readonly [string, ...string[]];
  /** Stdin stays open for the test to write to. */
  readonly hasInput?: boolean;
}

/** One process that runs, and what it has said so far. */
export class Running {
  readonly child: ChildProcess;
  readonly ended: Promise<Ended>;
  stdout = '';
  stderr = '';
  #isOver = false;
  #onChange: () => void = () => {};

  constructor(args: readonly string[], options: StartOptions) {
    const { cwd = ROOT, env = {}, command = [process.execPath, UDPCP], hasInput = false } = options;
    const [file, ...first] = command;
    this.child = spawn(file, [...first, ...args], { cwd, env: { ...QUIET_ENVIRONMENT, ...env }, stdio: 'pipe' });
    this.child.stdin?.on('error', () => {}); // it may end sooner than what it is given
    if (!hasInput) this.child.stdin?.end();
    this.child.stdout?.setEncoding('utf8').on('data', (text: string) => this.#take('stdout', text));
    this.child.stderr?.setEncoding('utf8').on('data', (text: string) => this.#take('stderr', text));
    this.ended = new Promise((resolve, reject) => {
      this.child.on('error', reject);
      this.child.on('close', (code, signal) => {
        this.#isOver = true;
        this.#onChange();
        resolve({ code, signal, stdout: this.stdout, stderr: this.stderr });
      });
    });
  }

  /** Waits until one of the streams matches; fails when the process ends without it. */
  async says(pattern: RegExp, stream: 'stdout' | 'stderr' = 'stderr'): Promise<RegExpExecArray> {
    for (;;) {
      const match = pattern.exec(this[stream]);
      if (match !== null) return match;
      if (this.#isOver) throw new Error(`ended without saying ${pattern}; it said: ${this.stdout}${this.stderr}`);
      await new Promise<void>((resolve) => {
        this.#onChange = resolve;
      });
    }
  }

  /** Sends a signal and waits for the end. */
  async kill(signal: NodeJS.Signals): Promise<Ended> {
    this.child.kill(signal);
    return this.ended;
  }

  #take(stream: 'stdout' | 'stderr', text: string): void {
    this[stream] += text;
    this.#onChange();
  }
}

/** A receiver that listens. */
export interface Receiving extends Running {
  readonly out: string;
  readonly port: number;
}

/** Processes and directories of one test, or of one file: gone after it, whatever happened. */
export interface Bench {
  directory(): string;
  /** A file with this content in a directory of its own. */
  file(name: string, content: Uint8Array | string): string;
  start(args: readonly string[], options?: StartOptions): Running;
  /** Starts `udpcp recv` on a free port of 127.0.0.1, unless `args` say otherwise, and waits until it listens. */
  recv(args?: readonly string[], options?: StartOptions & { readonly out?: string }): Promise<Receiving>;
  /** Runs `udpcp send` to its end. */
  send(args: readonly string[], options?: StartOptions): Promise<Ended>;
}

/** To be called once in a test file: with `afterAll` where tests run at the same time. */
export function useBench(whenOver: (cleanUp: () => Promise<void>) => void = afterEach): Bench {
  const running = new Set<Running>();
  const directories: string[] = [];
  whenOver(async () => {
    for (const { child } of running) if (child.exitCode === null && child.signalCode === null) child.kill('SIGKILL');
    await Promise.allSettled([...running].map(({ ended }) => ended));
    running.clear();
    for (const path of directories.splice(0)) rmSync(path, { recursive: true, force: true });
  });
  const bench: Bench = {
    directory() {
      const path = mkdtempSync(join(tmpdir(), 'udpcp-e2e-'));
      directories.push(path);
      return path;
    },
    file(name, content) {
      const path = join(bench.directory(), name);
      writeFileSync(path, content);
      return path;
    },
    start(args, options = {}) {
      const process = new Running(args, options);
      running.add(process);
      return process;
    },
    async recv(args = [], { out = join(bench.directory(), 'out'), ...options } = {}) {
      const bind = args.includes('--bind') ? [] : ['--bind', '127.0.0.1'];
      const free = args.includes('--port') ? [] : ['--port', '0'];
      const receiver = bench.start(['recv', '--out', out, ...free, ...bind, ...args], options);
      const [, port] = await receiver.says(/^listening on UDP \S+:(\d+),/m);
      return Object.assign(receiver, { out, port: Number(port) });
    },
    send: (args, options) => bench.start(['send', ...args], options).ended,
  };
  return bench;
}

/** What a command with --jsonl told, event by event; only whole lines. */
export function eventsIn(stdout: string, type?: string) {
  const events = stdout
    .split('\n')
    .slice(0, -1)
    .map((line) => JSON.parse(line));
  return type === undefined ? events : events.filter((event) => event.type === type);
}

/** Bytes that look random and are the same in every run. */
export function content(size: number): Buffer {
  const bytes = Buffer.alloc(size);
  let state = 0x9e3779b9 ^ size;
  for (let at = 0; at < size; at++) {
    state = (Math.imul(state, 1_664_525) + 1_013_904_223) | 0;
    bytes[at] = state >>> 24;
  }
  return bytes;
}

/** SHA-256 of a file, in hexadecimal: large contents are compared by it. */
export function sha256(path: string): string {
  return createHash('sha256').update(readFileSync(path)).digest('hex');
}

/** Waits until something holds that no process tells of. */
export function until(holds: () => boolean): Promise<void> {
  return vi.waitFor(() => expect(holds()).toBe(true), { timeout: PATIENCE, interval: 20 });
}

/** Content has begun to arrive in a directory. */
export const hasArrived = (out: string): boolean => largestPart(out) > 0;

/** How much of an unfinished file is in a directory: of the one of which there is most. */
export function largestPart(out: string): number {
  return Math.max(0, ...parts(out).map((name) => statSync(join(out, name), { throwIfNoEntry: false })?.size ?? 0));
}

/** Unfinished files in a directory. */
function parts(out: string): string[] {
  return readdirSync(out).filter((name) => name.endsWith('.part'));
}

/** Makes a directory in another. */
export function makeDirectory(...path: readonly string[]): string {
  const made = join(...path);
  mkdirSync(made);
  return made;
}
