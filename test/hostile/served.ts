import { mkdtempSync, readdirSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { type Ended, Running, until } from '../e2e/processes.ts';

/** What lets a receiver and a sender talk so that a test can speak too. */
export const READABLE: readonly string[] = ['--plaintext'];

/** A receiver in a process of its own. */
export interface Served {
  readonly port: number;
  readonly out: string;
  readonly pid: number | undefined;
  isRunning(): boolean;
  /** Everything it said on stderr. */
  words(): string;
  /** Nothing unfinished is left in its directory. */
  settled(): Promise<void>;
  /** Nothing writes to what is kept for another try. */
  released(): Promise<void>;
  /** Sends a file of this name and content. */
  send(name: string, content: string | Uint8Array, args?: readonly string[]): Promise<Ended>;
  stop(): Promise<void>;
}

/** Starts one that many tests share; `stop` it at the end. With a shared key, as text, it encrypts; else all is readable. */
export async function startReceiver(
  args: readonly string[] = [],
  prefix = '',
  key?: string,
  /** For the receiver alone. */
  moreEnv: Readonly<Record<string, string>> = {},
): Promise<Served> {
  const directory = mkdtempSync(join(tmpdir(), 'udpcp-hostile-'));
  const out = join(directory, 'out');
  const where = args.includes('--out') ? [] : ['--out', out];
  const [security, env] = key === undefined ? [READABLE, {}] : [[], { UDPCP_KEY: key }];
  const words = ['recv', ...where, '--port', '0', '--bind', '127.0.0.1', '--verbose', ...security, ...args];
  const receiver = start(words, prefix, { ...env, ...moreEnv });
  const [, port] = await receiver.says(/^listening on UDP \S+:(\d+),/m);
  return {
    port: Number(port),
    out,
    pid: receiver.child.pid,
    isRunning: () => receiver.child.exitCode === null && receiver.child.signalCode === null,
    words: () => receiver.stderr,
    released: () => until(() => readdirSync(out).every((name) => !name.endsWith('.lock'))),
    settled: () => until(() => readdirSync(out).every((name) => !name.startsWith('.udpcp-'))),
    send(name, content, options = []) {
      const path = join(mkdtempSync(join(directory, 'from-')), name);
      writeFileSync(path, content);
      return new Running(['send', path, `127.0.0.1:${port}`, ...security, ...options], { env }).ended;
    },
    async stop() {
      await receiver.kill('SIGKILL');
      rmSync(directory, { recursive: true, force: true });
    },
  };
}

/** Through a shell when there is something to be done first, like a limit. */
function start(words: readonly string[], prefix: string, env: Readonly<Record<string, string>>): Running {
  if (prefix === '') return new Running(words, { env });
  const command = ['/bin/sh', '-c', `${prefix}; exec "$0" "$@"`, process.execPath, 'bin/udpcp.js'] as const;
  return new Running(words, { command, env });
}
