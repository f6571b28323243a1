import { createHash } from 'node:crypto';
import { readdirSync, readFileSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { expect, test } from 'vitest';
import { expectDescribed } from './json-schema.ts';
import { content, eventsIn, sha256, useBench } from './processes.ts';

const bench = useBench();

interface Receipt {
  readonly digest: string;
  readonly security: object;
  readonly files: { readonly name: string; readonly status: string; readonly size: number; readonly sha256: string }[];
}

const receiptsIn = (path: string): Receipt[] =>
  readFileSync(path, 'utf8')
    .trimEnd()
    .split('\n')
    .map((line) => JSON.parse(line));

/** As docs/json.md says it is computed. */
function digestOf({ files }: Receipt): string {
  const lines = files.filter(({ status }) => status === 'stored').map((f) => `${f.sha256} ${f.size} ${f.name}\n`);
  return createHash('sha256').update(lines.sort().join('')).digest('hex');
}

test('both sides write the same digest, whatever the order, the numbering and what was refused', async () => {
  const log = join(bench.directory(), 'receipts');
  const receiver = await bench.recv(['--receipt', log, '--rename', '--max-size', '100k']);
  const target = `127.0.0.1:${receiver.port}`;
  const [large, small] = [bench.file('z', content(90_000)), bench.file('höhe', content(3))];
  const digests: string[] = [];
  for (const files of [[large, small, bench.file('too large', content(100_001))], [small, large], [small]]) {
    const receipt = join(bench.directory(), 'receipt.json');
    const sent = await bench.send([...files, target, '--receipt', receipt]);
    expect(sent.code).toBe(files.length === 3 ? 8 : 0);
    expectDescribed(readFileSync(receipt, 'utf8'), 'receipt');
    const [written] = receiptsIn(receipt) as [Receipt];
    expect(written).toMatchObject({ role: 'sender', security: { protection: 'noise' } });
    expect(written.files.find(({ name }) => name === 'höhe')).toMatchObject({ size: 3, sha256: sha256(small) });
    expect(written.digest).toBe(digestOf(written));
    digests.push(written.digest);
    expect(readdirSync(dirname(receipt))).toEqual(['receipt.json']); // nothing temporary is left
  }
  await receiver.kill('SIGINT');
  expectDescribed(readFileSync(log, 'utf8'), 'receipt');
  const received = receiptsIn(log);
  expect(received.map(({ digest }) => digest)).toEqual(digests);
  expect(received.map(digestOf)).toEqual(digests);
  expect(digests[0]).toBe(digests[1]);
  expect(digests[2]).not.toBe(digests[1]);
});

test('what was not confirmed gets no receipt', async () => {
  const log = join(bench.directory(), 'receipts');
  const receiver = await bench.recv(['--receipt', log, '--max-size', '1']);
  const receipt = join(bench.directory(), 'receipt.json');
  const sent = await bench.send([bench.file('f', 'xx'), `127.0.0.1:${receiver.port}`, '--receipt', receipt]);
  expect(sent.code).toBe(6);
  expect(readdirSync(dirname(receipt))).toEqual([]);
  await receiver.kill('SIGINT');
  expect(readFileSync(log, 'utf8')).toBe('');
});

test('a sender never writes over anything, and says so before it sends', async () => {
  const receiver = await bench.recv();
  const path = bench.file('f', 'x');
  for (const [receipt, words] of [
    [path, /^udpcp: the receipt \S+ exists already: name a new file with --receipt\n$/],
    [join(path, 'r'), /^udpcp: the receipt \S+ cannot be written: .*not a directory\n$/],
    [join(bench.directory(), 'no', 'where'), /^udpcp: the receipt \S+ cannot be written: no such file or directory\n$/],
  ] as const) {
    const sent = await bench.send([path, `127.0.0.1:${receiver.port}`, '--receipt', receipt]);
    expect(sent).toMatchObject({ code: 2, stderr: expect.stringMatching(words) });
  }
  expect(readFileSync(path, 'utf8')).toBe('x');
  expect(readdirSync(receiver.out)).toEqual([]);
});

test('a receipt that turns out to be impossible is one line and exit code 5', async () => {
  const receiver = await bench.recv();
  const receipt = join(bench.directory(), 'receipt.json');
  const args = [bench.file('f', content(300_000)), `127.0.0.1:${receiver.port}`, '--receipt', receipt];
  const sender = bench.start(['send', ...args, '--bandwidth-out', '5M']);
  await sender.says(/^encrypted;/m);
  writeFileSync(receipt, 'mine');
  const { code, stderr } = await sender.ended;
  expect(code).toBe(5);
  expect(stderr).toMatch(/^udpcp: the files are stored, but the receipt \S+ cannot be written: .*exists.*\n/m);
  expect(readFileSync(receipt, 'utf8')).toBe('mine');
  expect(readdirSync(dirname(receipt))).toEqual(['receipt.json']);
});

test('a receiver adds to its own receipts only, and ends a line that a crash left unfinished', async () => {
  const log = bench.file('receipts', '{"schema":1,"type":"rec');
  const receiver = await bench.recv(['--receipt', log]);
  expect(await bench.send([bench.file('f', 'x'), `127.0.0.1:${receiver.port}`])).toMatchObject({ code: 0 });
  await receiver.kill('SIGINT');
  const [torn, whole] = readFileSync(log, 'utf8').split('\n');
  expect(torn).toBe('{"schema":1,"type":"rec');
  expectDescribed(`${whole}\n`, 'receipt');

  const other = bench.file('photo', 'something else');
  for (const [path, why] of [
    [other, 'it holds something else; name a new file with --receipt'],
    [bench.directory(), 'illegal operation on a directory'],
    ['/dev/null', 'it is not a regular file'],
  ] as const) {
    const refused = await bench.start(['recv', '--out', bench.directory(), '--port', '0', '--receipt', path]).ended;
    expect(refused.code).toBe(2);
    expect(refused.stderr).toBe(`udpcp: receipts cannot be added to ${path}: ${why}\n`);
  }
  expect(readFileSync(other, 'utf8')).toBe('something else');
});

test('a receiver that cannot write its receipt says so and goes on serving', async () => {
  const log = join(bench.directory(), 'receipts');
  // No file of this process may grow beyond one block of the shell, 512 bytes.
  const limited = ['/bin/sh', '-c', 'ulimit -f 1; trap "" XFSZ; exec "$0" "$@"', process.execPath] as const;
  const { UDPCP } = await import('./processes.ts');
  const receiver = await bench.recv(['--receipt', log, '--jsonl'], { command: [...limited, UDPCP] });
  const target = `127.0.0.1:${receiver.port}`;
  for (const name of ['a', 'b']) expect(await bench.send([bench.file(name, 'x'), target])).toMatchObject({ code: 0 });
  await receiver.says(/^udpcp: a receipt was not written to \S+: .*too large/m);
  const { code, stdout } = await receiver.kill('SIGINT');
  expect(code).toBe(130);
  expectDescribed(stdout);
  expect(eventsIn(stdout, 'error')[0]?.error).toMatchObject({ code: 'ERR_LOCAL_STORE', exitCode: 6 });
  expect(readdirSync(receiver.out).sort()).toEqual(['a', 'b']);
});
