import { spawn } from 'node:child_process';
import { mkdtempSync, readdirSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';

const script = (path) => fileURLToPath(new URL(path, import.meta.url));
export const UDPCP = script('../bin/udpcp.js');
const REPORT_MEMORY = new URL('report-memory.js', import.meta.url).href;

/** `udpcp recv` in a process of its own, watched from outside. */
export class LiveReceiver {
  port = 0;
  #child;
  #directory = mkdtempSync(join(tmpdir(), 'udpcp-fuzz-'));
  #words = '';
  #reports = '';
  #onReport;
  #isOver = false;

  /** Resolves when it listens, on every address of 127.0.0.0/8. `reporter` is loaded into it, and reports on SIGUSR2. */
  static async start(options = [], reporter = REPORT_MEMORY) {
    const receiver = new LiveReceiver();
    await receiver.#start(options, reporter);
    return receiver;
  }

  get out() {
    return join(this.#directory, 'out');
  }

  /** It has ended by itself: a crash. */
  get crashed() {
    return this.#isOver;
  }

  get words() {
    return this.#words;
  }

  get files() {
    return readdirSync(this.out);
  }

  /** What its reporter has to say; unless another was given, bytes of its heap and of the whole process, after a collection. */
  report() {
    if (this.#isOver) throw new Error(`the receiver ended: ${this.#words}`);
    return new Promise((resolve) => {
      this.#onReport = resolve;
      this.#child.kill('SIGUSR2');
    });
  }

  /** Datagrams that its socket had no room for: the system counts them. */
  get dropped() {
    const port = this.port.toString(16).toUpperCase().padStart(4, '0');
    const lines = readFileSync('/proc/net/udp', 'utf8').split('\n');
    const line = lines.find((other) => other.includes(`:${port} 00000000:0000`));
    return Number(line?.trim().split(/\s+/).at(-1) ?? 0);
  }

  async stop() {
    this.#child.kill('SIGKILL');
    rmSync(this.#directory, { recursive: true, force: true });
  }

  #start(options, reporter) {
    const words = ['recv', '--out', this.out, '--bind', '0.0.0.0', '--port', '0', '--plaintext', ...options];
    this.#child = spawn(process.execPath, ['--import', reporter, UDPCP, ...words], {
      stdio: ['ignore', 'ignore', 'pipe', 'pipe'],
    });
    this.#child.once('exit', () => (this.#isOver = true));
    this.#child.stdio[3].setEncoding('utf8').on('data', (text) => {
      this.#reports += text;
      const [report, rest] = this.#reports.split('\n');
      if (rest === undefined) return;
      this.#reports = rest;
      this.#onReport?.(JSON.parse(report));
    });
    return new Promise((resolve, reject) => {
      this.#child.once('exit', (code) => reject(new Error(`the receiver ended with ${code}: ${this.#words}`)));
      this.#child.stderr.setEncoding('utf8').on('data', (text) => {
        this.#words = `${this.#words}${text}`.slice(-100_000);
        const [, port] = /^listening on UDP \S+:(\d+),/m.exec(this.#words) ?? [];
        if (port === undefined) return;
        this.port = Number(port);
        resolve();
      });
    });
  }
}
