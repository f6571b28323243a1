import { execFileSync } from 'node:child_process';
import { createHash } from 'node:crypto';
import { mkdirSync, readFileSync, symlinkSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, test } from 'vitest';
import { content, ROOT, type StartOptions, UDPCP, useBench } from './processes.ts';

const bench = useBench();

/** Ways to see the system calls of a process, written to a file in strace's format; undefined: not on this machine. */
const TRACERS: Record<string, (log: string) => StartOptions | undefined> = {
  strace(log) {
    // -D: the process that is started is the receiver itself, which signals reach.
    const calls = 'trace=write,pwrite64,writev,pwritev,fsync,fdatasync,link,linkat,unlink,unlinkat,sendmsg,sendmmsg';
    const flags = ['-D', '-f', '-y', '-xx', '-s', '70000', '-e', calls, '-o', log];
    return works('strace', ['-V']) ? { command: ['strace', ...flags, process.execPath, UDPCP] } : undefined;
  },
  'a preloaded library'(log) {
    const library = `${log}.so`;
    const source = join(ROOT, 'test/e2e/system-calls.c');
    const built = works('cc', ['-shared', '-fPIC', '-o', library, source, '-ldl']);
    return built ? { env: { LD_PRELOAD: library, TRACE: log } } : undefined;
  },
};

function works(command: string, args: readonly string[]): boolean {
  try {
    execFileSync(command, args, { stdio: 'ignore' });
    return true;
  } catch {
    return false;
  }
}

/** What matters in order: a call counts when it is over, a datagram when it is begun. */
function eventsOf(log: string, digest: string): string[] {
  const unfinished = new Map<string, string>();
  const events: string[] = [];
  for (const line of readFileSync(log, 'latin1').split('\n')) {
    const [, pid = '', rest = ''] = /^(\d+) +(.*)$/.exec(line) ?? [];
    const begun = unfinished.get(pid) ?? '';
    const call = plain(rest.startsWith('<...') ? begun + rest : rest);
    if (rest.endsWith('<unfinished ...>') && !rest.startsWith('send')) unfinished.set(pid, rest);
    else if (/^sendm/.test(call)) {
      if (hexOf(rest).includes(digest)) events.push('receipt');
    } else if (/^(write|pwrite|writev|pwritev|pwrite64)\(.*\.part>/.test(call)) events.push('write part');
    else if (/^fsync\(.*\.part>.* = 0/.test(call)) events.push('fsync part');
    else if (/^link(at)?\(.*\.part".* = 0/.test(call)) events.push('link');
    else if (/^unlink(at)?\(.*\.part".* = 0/.test(call)) events.push('unlink part');
    else if (/^fsync\(.*\/out>.* = 0/.test(call)) events.push('fsync directory');
  }
  return events.filter((event, i) => event !== events[i - 1]);
}

/** strace writes every string in hexadecimal, so that a datagram can be searched. */
const plain = (text: string): string =>
  text.replace(/\\x([0-9a-f]{2})/g, (_all, hex: string) => String.fromCharCode(Number.parseInt(hex, 16)));
const hexOf = (text: string): string => Array.from(text.matchAll(/\\x([0-9a-f]{2})/g), ([, hex]) => hex).join('');

describe.each(Object.keys(TRACERS))('by %s', (tracer) => {
  test.each([
    { what: 'a small file', size: 4_096 },
    { what: 'a file that could be resumed', size: 2_500_000 },
  ])('a real receiver confirms $what only after all of it is durable under its name', async ({ size }) => {
    const log = join(bench.directory(), 'calls');
    const options = process.platform === 'linux' ? TRACERS[tracer]?.(log) : undefined;
    if (options === undefined) {
      console.warn(`not checked by ${tracer}: it is not on this machine`);
      return;
    }
    const bytes = content(size);
    const receiver = await bench.recv(['--plaintext'], { ...options, out: join(bench.directory(), 'out') });
    const sent = await bench.send([bench.file('f', bytes), `127.0.0.1:${receiver.port}`, '--plaintext']);
    expect(sent).toMatchObject({ code: 0 });
    await receiver.says(/^stored f/m);
    await receiver.kill('SIGTERM');
    const digest = createHash('sha256').update(bytes).digest('hex');
    expect(eventsOf(log, digest)).toEqual([
      'write part',
      'fsync part',
      'link',
      'unlink part',
      'fsync directory',
      'receipt',
    ]);
  });

  test('with --no-fsync a receiver never waits for the disk, whatever it stores', async () => {
    const log = join(bench.directory(), 'calls');
    const options = process.platform === 'linux' ? TRACERS[tracer]?.(log) : undefined;
    if (options === undefined) {
      console.warn(`not checked by ${tracer}: it is not on this machine`);
      return;
    }
    const out = join(bench.directory(), 'out');
    const receiver = await bench.recv(['--plaintext', '--no-fsync'], { ...options, out });
    const tree = join(bench.directory(), 'tree');
    mkdirSync(tree);
    writeFileSync(join(tree, 'small'), 'x');
    // More than is written back early; strace makes every call slow.
    writeFileSync(join(tree, 'large'), content(tracer === 'strace' ? 1_500_000 : 34_000_000));
    symlinkSync('small', join(tree, 'link'));
    const sent = await bench.send([tree, `127.0.0.1:${receiver.port}`, '--links', '--plaintext']);
    expect(sent).toMatchObject({ code: 0 });
    await receiver.says(/^stored tree\/large, /m);
    await receiver.kill('SIGTERM');
    const calls = readFileSync(log, 'latin1');
    expect(eventsOf(log, 'no digest')).toContain('write part'); // it was looked at
    expect(calls.split('\n').filter((line) => /\bf(data)?sync\b/.test(line))).toEqual([]);
  });
});
