import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { EXIT, EXIT_MEANING, type ExitCode } from '../../src/cli/exit-codes.ts';
import { type Ended, ROOT, useBench } from './processes.ts';

const bench = useBench();

/** Runs a module of one line in a process before udpcp. */
const before = (line: string) => ({
  env: { NODE_OPTIONS: `--import data:text/javascript,${encodeURIComponent(line)}` },
});

/** Every digest that the process computes is wrong. */
const WRONG_DIGESTS = before(
  `import { createHash } from 'node:crypto';
  const hash = Object.getPrototypeOf(createHash('sha256'));
  const { digest } = hash;
  hash.digest = function (...args) {
    const bytes = digest.apply(this, args);
    if (bytes.length === 32) bytes[0] ^= 1;
    return bytes;
  };`,
);

/** The process cannot make sockets, in a way that nobody foresaw. */
const NO_SOCKETS = before(
  `import dgram from 'node:dgram';
  import { syncBuiltinESMExports } from 'node:module';
  dgram.createSocket = () => { throw new TypeError('broken'); };
  syncBuiltinESMExports();`,
);

/** A file sent to a receiver, each with its own options. */
async function send(receives: readonly string[], sends: readonly string[] = [], options = {}): Promise<Ended> {
  const receiver = await bench.recv(receives);
  return bench.send([bench.file('f', 'content'), `127.0.0.1:${receiver.port}`, ...sends], options);
}

const kill = async (signal: NodeJS.Signals): Promise<Ended> => (await bench.recv()).kill(signal);

/** A way to each exit code; the other tests have many more. */
const WAYS: Readonly<Record<ExitCode, () => Promise<Ended>>> = {
  0: () => send([]),
  2: () => bench.start(['send', 'f']).ended,
  3: () => send([], ['--plaintext']),
  4: () => bench.send([bench.file('f', 'x'), 'no-such-host.invalid']),
  5: () => bench.send(['missing', 'localhost:1']),
  6: () => send(['--max-size', '1']),
  7: () => send([], [], WRONG_DIGESTS),
  8: async () => {
    const receiver = await bench.recv(['--max-size', '1']);
    return bench.send([bench.file('a', 'x'), bench.file('b', 'xx'), `127.0.0.1:${receiver.port}`]);
  },
  70: () => send([], [], NO_SOCKETS),
  129: () => kill('SIGHUP'),
  130: () => kill('SIGINT'),
  143: () => kill('SIGTERM'),
};

test('real processes end with each code, and with words on stderr', async () => {
  const codes = Object.values(EXIT);
  const ends = await Promise.all(codes.map((code) => WAYS[code]()));
  expect(ends.map(({ code, signal }) => ({ code, signal }))).toEqual(codes.map((code) => ({ code, signal: null })));
  const said = new Map(codes.map((code, index) => [code, ends[index]?.stderr ?? '']));
  expect(said.get(7)).toMatch(/^udpcp: \S+: it was not stored: .*what arrived is not what was sent$/m);
  expect(said.get(70)).toMatch(/^udpcp: bug: broken$/m);
  for (const code of codes.filter((one) => one !== 0 && one < 128)) expect(said.get(code)).toMatch(/^udpcp: .*$/m);
});

test('--help, the README and the manual have all of them', async () => {
  const { stdout: help } = await bench.start(['--help']).ended;
  const [readme, manual] = ['README.md', 'man/udpcp.1'].map((name) => readFileSync(join(ROOT, name), 'utf8'));
  for (const [code, meaning] of Object.entries(EXIT_MEANING)) {
    expect(help).toMatch(new RegExp(`^ +${code} +\\S`, 'm'));
    expect(help).toContain(meaning);
    expect(readme).toMatch(new RegExp(`^\\|( \\d+,)* ${code}(, \\d+)* \\|`, 'm'));
    expect(manual).toContain(`.B ${code}\n`);
  }
});
