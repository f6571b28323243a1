import { spawnSync } from 'node:child_process';
import { mkdtempSync, readdirSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, expect, test } from 'vitest';
import { Running } from '../e2e/processes.ts';
import { NAME_ROWS, nameBytes } from '../store/name-rows.ts';
import { utf8 } from '../transfer/bytes.ts';
import { offer } from '../transfer/phrases.ts';
import { READABLE } from './served.ts';
import { Stranger } from './stranger.ts';

// Whatever a peer says, a screen, a log and a program that reads JSON see it harmless.

const ESCAPE = '\x1b';
/** What obeys, reorders or hides: nothing of it may reach a screen, but our own line ends. */
const UNSAFE = /(?!\n)[\p{Cc}\p{Bidi_Control}\u2028\u2029\u{e0000}-\u{e007f}\u200b\ufeff]/u;
/** What our progress bar itself says to a terminal. */
const OURS = new RegExp(`${ESCAPE}\\[(?:\\d+G|\\d?K|\\?25[hl]|\\?7[hl]|\\d*[ABCD])|\\r`, 'g');

const NAMES = NAME_ROWS.filter(({ posix }) => posix !== 'accept')
  .map((row) => nameBytes(row))
  .filter(({ length }) => length > 0 && length <= 255);
const EVIL = utf8('\x1b]0;owned\x07\x1b[2J\u202e\u2028\r\nudpcp: stored everything\x9b31m');

const directories: string[] = [];
const running: Running[] = [];
afterEach(async () => {
  for (const one of running.splice(0)) await one.kill('SIGKILL');
  for (const path of directories.splice(0)) rmSync(path, { recursive: true, force: true });
});

function receive(args: readonly string[], inTerminal: boolean): Running {
  const directory = mkdtempSync(join(tmpdir(), 'udpcp-screen-'));
  directories.push(directory);
  const words = ['recv', '--out', join(directory, 'out'), '--bind', '127.0.0.1', '--port', '0', ...READABLE, ...args];
  const line = `exec ${[process.execPath, 'bin/udpcp.js', ...words].map((word) => `'${word}'`).join(' ')}`;
  const options = { command: ['script'] as const, env: { TERM: 'xterm', NO_COLOR: '' } };
  const one = inTerminal ? new Running(['-qec', line, '/dev/null'], options) : new Running(words, {});
  running.push(one);
  return one;
}

/** Offers every name that is refused, and leaves with evil words. */
async function visit(port: number): Promise<void> {
  const stranger = await Stranger.meet(port);
  const session = await stranger.open();
  stranger.tell(session, ...NAMES.map((name, entry) => ({ ...offer(entry), path: [name] })));
  await stranger.look();
  stranger.say(stranger.packet(session, [{ kind: 'close', code: 3, reason: EVIL }]));
  await stranger.look();
  stranger.close();
}

const hasTerminal = spawnSync('script', ['--version']).status === 0;

test.each([
  { where: 'a log', args: ['--verbose'], inTerminal: false },
  { where: 'JSON', args: ['--jsonl', '--verbose'], inTerminal: false },
  { where: 'a terminal', args: ['--verbose'], inTerminal: true },
])('$where shows nothing that a terminal obeys', async ({ args, inTerminal }) => {
  if (inTerminal && !hasTerminal) return;
  const stream = inTerminal ? 'stdout' : 'stderr';
  const receiver = receive(args, inTerminal);
  const [, port] = await receiver.says(/listening on UDP \S+:(\d+),/, stream);
  await visit(Number(port));
  await receiver.says(/u\{202e\}.*udpcp: stored everything/, args.includes('--jsonl') ? 'stdout' : stream);
  for (const said of [receiver.stdout, receiver.stderr]) {
    expect(inTerminal ? said.replace(OURS, '') : said).not.toMatch(UNSAFE);
  }
  expect((receiver.stdout + receiver.stderr).split('the name ').length).toBeGreaterThan(NAMES.length);
  expect(readdirSync(join(directories[0] ?? '', 'out'))).toEqual([]);
});
