import { spawn } from 'node:child_process';

const REPORT_USAGE = new URL('report-usage.js', import.meta.url).href;
const running = new Set();

/** Ends every process that was started here and still runs. */
export function endAll() {
  for (const child of running) child.kill('SIGKILL');
}

/**
 * @typedef {object} Ended
 * @property {number} wall milliseconds from its start to its exit
 * @property {string} stdout all that it said
 * @property {string} report what it wrote on file descriptor 3
 */

/**
 * Starts a process. `greeting` is the first line it says; `ended` rejects unless it exits with 0.
 * @returns {{ greeting: Promise<string>, ended: Promise<Ended>, signal: (name: string) => boolean }}
 */
export function start(command, words) {
  const startedAt = performance.now();
  const child = spawn(command, words, { stdio: ['ignore', 'pipe', 'pipe', 'pipe'] });
  running.add(child);
  const said = { 1: '', 2: '', 3: '' };
  for (const fd of [1, 2, 3]) child.stdio[fd].setEncoding('utf8').on('data', (text) => (said[fd] += text));
  let wall;
  child.once('exit', () => (wall = performance.now() - startedAt));
  const ended = new Promise((resolve, reject) => {
    child.once('error', reject);
    child.once('close', (code, signal) => {
      if (code === 0) resolve({ wall, stdout: said[1], report: said[3] });
      else reject(new Error(`'${[command, ...words].join(' ')}' ended with ${signal ?? code}: ${said[2].trim()}`));
    });
  }).finally(() => running.delete(child));
  const spoke = new Promise((resolve) => {
    child.stdout.on('data', () => said[1].includes('\n') && resolve(said[1].split('\n')[0]));
  });
  const silent = ended.then(() => Promise.reject(new Error(`'${[command, ...words].join(' ')}' ended in silence`)));
  const greeting = Promise.race([spoke, silent]);
  // Whoever waits for one of them hears of a failure; the other must not end this process.
  for (const promise of [ended, silent, greeting]) promise.catch(() => {});
  return { greeting, ended, signal: (name) => child.kill(name) };
}

/** Starts a Node program; what it cost, in milliseconds of CPU and bytes, is `usage` once it has ended. */
export function startNode(words) {
  const { greeting, ended } = start(process.execPath, ['--import', REPORT_USAGE, ...words]);
  return { greeting, ended: ended.then(({ report, ...rest }) => ({ ...rest, usage: JSON.parse(report) })) };
}
