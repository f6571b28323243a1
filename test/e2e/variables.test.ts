import { existsSync, readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, test } from 'vitest';
import { eventsIn, useBench } from './processes.ts';

const bench = useBench();

test('variables stand for options on both sides, and flags win', async () => {
  const out = join(bench.directory(), 'out');
  const receiver = bench.start(['recv', '--jsonl', '--max-size', '10'], {
    env: {
      UDPCP_OUT: out,
      UDPCP_PORT: '0',
      UDPCP_BIND: '127.0.0.1',
      UDPCP_ALLOW: '192.0.2.0/24 127.0.0.0/8',
      UDPCP_MAX_SIZE: '1',
      UDPCP_ONCE: 'yes',
      UDPCP_ALLOW_HIDDEN: '0',
      UDPCP_RENAME: '',
    },
  });
  const [, port] = await receiver.says(/"port":(\d+)/, 'stdout');
  const sent = await bench.send([bench.file('f', '12345'), `127.0.0.1:${port}`, '--json', '--cc', 'cubic'], {
    env: { UDPCP_ARQ: 'gbn', UDPCP_CC: 'new-reno', UDPCP_IDLE_TIMEOUT: '20s', UDPCP_LOSS_OUT: '1%', UDPCP_SEED: '5' },
  });
  expect(sent.code).toBe(0);
  expect(JSON.parse(sent.stdout)).toMatchObject({
    options: { arq: 'go-back-n', cc: 'cubic', idleTimeout: 20_000, seed: 5 },
    channel: { seed: 5, out: { loss: 0.01 }, in: { loss: null } },
  });
  const { code, stdout } = await receiver.ended; // --once by a variable
  expect(code).toBe(0);
  const [{ options }] = eventsIn(stdout, 'start');
  expect(options).toMatchObject({ out, port: 0, maxSize: 10, once: true });
  expect(Object.keys(options)).not.toContain('allowHidden');
  expect(readFileSync(join(out, 'f'), 'utf8')).toBe('12345');
});

test('a flag also wins over a variable that it conflicts with', async () => {
  const env = { UDPCP_RENAME: '1', UDPCP_KEY_FILE: '/nowhere' };
  const receiver = await bench.recv(['--overwrite', '--plaintext'], { env });
  for (const text of ['one', 'two']) {
    const sent = await bench.send([bench.file('f', text), `127.0.0.1:${receiver.port}`, '--plaintext'], { env });
    expect(sent.code).toBe(0);
  }
  expect(readdirSync(receiver.out)).toEqual(['f']);
});

describe('what makes no sense is a usage error that names the variable', () => {
  test.each([
    [{ UDPCP_PORT: '70000' }, /^udpcp: UDPCP_PORT: A whole number from 0 to 65535\.$/],
    [{ UDPCP_ONCE: 'maybe' }, /^udpcp: UDPCP_ONCE: Write 1 or 0\.$/],
    [{ UDPCP_ALLOW: '10.0.0.0/8 x' }, /^udpcp: UDPCP_ALLOW: An address or a network, like /],
    [{ UDPCP_KEY_FILE: '/nowhere' }, /^udpcp: key file \/nowhere: no such file or directory$/],
    [
      { UDPCP_RENAME: '1', UDPCP_OVERWRITE: '1' },
      /environment variable 'UDPCP_\w+' cannot be used with .*'UDPCP_\w+'$/,
    ],
  ] as const)('%j', async (env, pattern) => {
    const out = join(bench.directory(), 'out');
    const { code, stderr } = await bench.start(['recv'], { env: { UDPCP_OUT: out, ...env } as Record<string, string> })
      .ended;
    expect({ code, line: stderr.trimEnd() }).toEqual({ code: 2, line: expect.stringMatching(pattern) });
    expect(existsSync(out)).toBe(false);
  });
});

test('a misspelt variable is told of, also where it is why something is missing, but not by help', async () => {
  const env = { UDPCP_OTU: 'x' };
  const warning = 'udpcp: warning: there is no variable UDPCP_OTU\n';
  const missing = await bench.start(['recv'], { env }).ended;
  expect(missing.stderr).toBe(`${warning}udpcp: required option '--out <dir>' not specified\n`);
  const sent = await bench.send(['missing', 'localhost:1'], { env });
  expect(sent.stderr.startsWith(warning)).toBe(true);
  const quiet = await bench.send(['missing', 'localhost:1', '--quiet'], { env });
  const reason = 'udpcp: cannot send missing: no such file or directory\n';
  expect(quiet.stderr).toBe(reason);
  const ofAnother = await bench.send(['missing', 'localhost:1'], { env: { UDPCP_MAX_SIZE: '1k' } });
  expect(ofAnother.stderr).toBe(reason);
  for (const args of [['--version'], ['send', '--help']]) {
    expect(await bench.start(args, { env }).ended).toMatchObject({ code: 0, stderr: '' });
  }
});

test('no variable decides about one run, or turns off encryption', async () => {
  const env = { UDPCP_PLAINTEXT: '1', UDPCP_AS: 'other', UDPCP_JSON: '1' };
  const receiver = await bench.recv();
  const sent = await bench.send([bench.file('f', 'x'), `127.0.0.1:${receiver.port}`], { env });
  expect(sent).toMatchObject({ code: 0, stdout: '' });
  for (const name of Object.keys(env)) expect(sent.stderr).toContain(`there is no variable ${name}\n`);
  expect(sent.stderr).toMatch(/^encrypted;/m);
  expect(readdirSync(receiver.out)).toEqual(['f']);
});
