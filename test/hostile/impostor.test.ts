import { spawnSync } from 'node:child_process';
import { afterEach, describe, expect, test } from 'vitest';
import type { Frame } from '../../src/wire/frames.ts';
import { type Ended, ROOT, type Running, UDPCP, useBench } from '../e2e/processes.ts';
import { sha256, utf8 } from '../transfer/bytes.ts';
import type { SentMessage } from '../transfer/codec.ts';
import { offer, receipt, verdict } from '../transfer/phrases.ts';
import { Impostor } from './impostor.ts';

// What a receiver says to a real sender in bad faith, and what must come of it.

const bench = useBench();
const CONTENT = Buffer.alloc(100, 'content ');
const EVIL = utf8('\x1b]0;owned\x07\x1b[2J\u202e\u2028\r\nudpcp: stored everything\x9b31m');
/** What obeys, reorders or hides: nothing of it may reach a screen, but our own line ends. */
const UNSAFE = /(?!\n)[\p{Cc}\p{Bidi_Control}\u2028\u2029\u{e0000}-\u{e007f}\u200b\ufeff]/u;
const ESCAPE = '\x1b';
/** What our progress bar itself says to a terminal. */
const OURS = new RegExp(`${ESCAPE}(?:[78]|\\[(?:\\d+G|\\d?K|\\?25[hl]|\\?7[hl]|\\d*[ABCD]))|\\r`, 'g');
const PROTOCOL_BROKEN = /^udpcp: the receiver broke the protocol/m;

const impostors: Impostor[] = [];
afterEach(() => {
  for (const impostor of impostors.splice(0)) impostor.close();
});

/** Lets a real sender meet an impostor who acts as soon as it is offered the file. */
async function meet(
  act: (impostor: Impostor, sender: Running) => Promise<void> | void,
  {
    args = [],
    isTerminal = false,
    idleTimeout = 30_000,
    files = 1,
    content = CONTENT,
  }: { args?: string[]; isTerminal?: boolean; idleTimeout?: number; files?: number; content?: Buffer } = {},
): Promise<Ended> {
  const impostor = await Impostor.open({ idleTimeout });
  impostors.push(impostor);
  const paths = Array.from({ length: files }, (_, i) => bench.file(`file${i}`, content));
  const words = ['send', ...paths, `127.0.0.1:${impostor.port}`, ...args];
  const line = `exec ${[process.execPath, UDPCP, ...words].map((word) => `'${word}'`).join(' ')}`;
  const terminal = { command: ['script'] as const, env: { TERM: 'xterm', NO_COLOR: '' }, cwd: ROOT };
  const sender = isTerminal ? bench.start(['-qec', line, '/dev/null'], terminal) : bench.start(words);
  await impostor.isTold('offer');
  await act(impostor, sender);
  return sender.ended;
}

/** One line says what is wrong, and nobody sees where in the program. */
function expectOneLine({ stderr }: Ended, words: RegExp): void {
  const said = stderr.split('\n').filter((line) => line.startsWith('udpcp: '));
  expect(said).toHaveLength(1);
  expect(said[0]).toMatch(words);
  expect(stderr).not.toMatch(/\.js:\d|defect/);
  expect(stderr).not.toMatch(UNSAFE);
}

/** All at once: each is a process of its own. */
async function expectEachLeft(rows: readonly (readonly [what: string, act: (impostor: Impostor) => void])[]) {
  const ended = await Promise.all(rows.map(([, act]) => meet(act)));
  for (const [i, [what]] of rows.entries()) {
    const one = ended[i] as Ended;
    expect({ what, code: one.code }).toEqual({ what, code: 4 });
    expectOneLine(one, PROTOCOL_BROKEN);
  }
}

const accept = verdict(0);

describe('a receiver that breaks the protocol is left, with one line', () => {
  const MESSAGES: readonly (readonly [what: string, messages: readonly SentMessage[]])[] = [
    ['a verdict on nothing', [verdict(1)]],
    ['two verdicts', [accept, accept]],
    ['a refusal, then an acceptance', [verdict(0, { verdict: 'refuse', code: 1 }), accept]],
    ['an acceptance from the middle of what it cannot have', [verdict(0, { offset: 50 })]],
    ['an acceptance from beyond the end', [verdict(0, { offset: 2 ** 30 })]],
    ['a receipt before its verdict', [receipt(0)]],
    ['a receipt before the end', [accept, receipt(0)]],
    ['a receipt for another entry', [accept, receipt(7)]],
    ['an offer of its own', [offer(0)]],
    ['a message that only senders say', [{ kind: 'done', entries: 0 }]],
  ];
  test('messages out of place', () =>
    expectEachLeft(MESSAGES.map(([what, messages]) => [what, (one) => one.tell(...messages)])));

  test('a receipt of other content', async () => {
    const ended = await meet(async (impostor) => {
      impostor.tell(accept);
      await impostor.isTold('end');
      impostor.tell(receipt(0, { size: 100, digest: sha256(utf8('other')) }));
    });
    expect(ended.code).not.toBe(0);
    expectOneLine(ended, PROTOCOL_BROKEN);
  });

  test('an end of its stream before the receipt', async () => {
    const ended = await meet(async (impostor) => {
      impostor.tell(accept);
      await impostor.isTold('end');
      impostor.sayBytes(new Uint8Array(0), true);
    });
    expect(ended.code).not.toBe(0);
    expectOneLine(ended, PROTOCOL_BROKEN);
  });

  const ack = (largest: number, cumulative = 0): Frame => ({
    kind: 'ack',
    largest,
    ackDelay: 0,
    cumulative,
    ranges: [{ start: largest, end: largest + 1 }],
  });
  const PACKETS: readonly (readonly [what: string, act: (impostor: Impostor) => void])[] = [
    ['an ACK of what was never sent', (one) => one.sayFrames(ack(2 ** 47))],
    ['an ACK of bytes that were never sent', (one) => one.sayFrames(ack(one.line?.heard[0]?.number ?? 0, 2 ** 40))],
    ['a frame of no known type', (one) => one.sayRaw(Uint8Array.of(0x7f))],
    ['a length of 2^32 - 1', (one) => one.sayBytes(new Uint8Array(20).fill(0xff))],
    ['the end of its stream in the middle of a message', (one) => one.sayBytes(Uint8Array.of(17, 0), true)],
    ['DATA beyond the credit', (one) => one.sayFrames({ kind: 'data', fin: false, offset: 2 ** 45, bytes: utf8('x') })],
  ];
  test('packets that only the peer can have sealed', () => expectEachLeft(PACKETS));
});

test('a receiver that acknowledges all that was sent, whether it came or not, is left within 256 packets', async () => {
  let packets = 0;
  const ended = await meet(
    async (impostor) => {
      impostor.tell(accept);
      await impostor.acknowledgesBlindly();
      packets = impostor.line?.heard.length ?? 0;
    },
    { content: Buffer.alloc(10_000_000) },
  );
  expect(ended.code).toBe(4);
  expectOneLine(ended, PROTOCOL_BROKEN);
  expect(packets).toBeLessThan(1000); // what was on its way when it lied is in there
});

test('a receiver that says nothing more is lost after the idle timeout that it asked for', async () => {
  const ended = await meet(() => {}, { idleTimeout: 1000, args: ['--retry-for', '0'] });
  expect(ended.code).toBe(4);
  expectOneLine(ended, /^udpcp: lost the receiver/);
});

test('credit that shrinks, acks of ages ago, copies: the transfer goes on to its end', async () => {
  const ended = await meet(async (impostor) => {
    impostor.sayFrames({ kind: 'credit', maximum: 0 }, { kind: 'credit', maximum: 5 });
    for (let i = 0; i < 100; i++) impostor.sayFrames({ kind: 'ping' });
    impostor.tell(verdict(0));
    await impostor.isTold('end');
    impostor.tell(receipt(0, { size: 100, digest: sha256(CONTENT) }));
    impostor.sayBytes(new Uint8Array(0), true);
  });
  expect(ended).toMatchObject({ code: 0 });
});

const hasTerminal = spawnSync('script', ['--version']).status === 0;
describe.each([
  { where: 'a log', args: [], isTerminal: false },
  { where: 'JSON', args: ['--json'], isTerminal: false },
  { where: 'a terminal', args: [], isTerminal: true },
])('what a receiver says for people is harmless in $where', ({ args, isTerminal }) => {
  const said = async (act: (impostor: Impostor) => Promise<void> | void): Promise<string> => {
    const { stdout, stderr } = await meet(act, { args: [...args], isTerminal, files: 5 });
    const all = stdout + stderr;
    expect(all).toContain('owned');
    return isTerminal ? all.replace(OURS, '') : all;
  };

  test.skipIf(isTerminal && !hasTerminal)('of each file', async () => {
    const all = await said(async (one) => {
      const text = EVIL;
      one.tell(verdict(0, { verdict: 'refuse', code: 2, text }), verdict(1, { verdict: 'skip', code: 1, text }));
      one.tell(verdict(2, { verdict: 'refuse', code: 65_535, text }), verdict(3), verdict(4));
      await one.isTold('done');
      one.tell(receipt(3, { code: 4, text, size: 0, digest: new Uint8Array(32) }));
      one.tell(receipt(4, { size: 100, digest: sha256(CONTENT), text }));
      one.sayBytes(new Uint8Array(0), true);
    });
    expect(all).not.toMatch(UNSAFE);
    expect(all.split('owned').length - 1).toBeGreaterThanOrEqual(4);
  });

  test.skipIf(isTerminal && !hasTerminal)('as it leaves', async () => {
    expect(await said((one) => one.sayFrames({ kind: 'close', code: 3, reason: EVIL }))).not.toMatch(UNSAFE);
  });
});
