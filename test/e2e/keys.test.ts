import { chmodSync, readdirSync, readFileSync, statSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, test } from 'vitest';
import { content, type Ended, eventsIn, type Running, sha256, useBench } from './processes.ts';
import { eavesdrop } from './relay.ts';

const bench = useBench();

/** A new key, in a file that only its owner can read. */
async function makeKey(): Promise<{ path: string; text: string }> {
  const path = join(bench.directory(), 'key');
  expect(await bench.start(['keygen', '--key-file', path]).ended).toMatchObject({ code: 0, stdout: '', stderr: '' });
  return { path, text: readFileSync(path, 'utf8').trim() };
}

/** The words that a side printed. */
function wordsOf({ stderr }: Pick<Ended, 'stderr'>): string | undefined {
  return /^encrypted; .* show the words: ((?:[a-z]+ ){4}[a-z]+)$/m.exec(stderr)?.[1];
}

/** What anybody on the machine can see of a process. */
function argumentsOf({ child }: Running): string {
  return readFileSync(`/proc/${child.pid}/cmdline`, 'utf8');
}

describe('keygen', () => {
  test('prints a new key each time, and writes one only for its owner, over nothing', async () => {
    const [one, two] = [await bench.start(['keygen']).ended, await bench.start(['keygen']).ended];
    expect(one).toMatchObject({ code: 0, stderr: '', stdout: expect.stringMatching(/^udpcp1_[a-z2-7]{58}\n$/) });
    expect(two.stdout).not.toBe(one.stdout);
    const { path, text } = await makeKey();
    expect(statSync(path).mode & 0o777).toBe(0o600);
    expect(await bench.start(['keygen', '--key-file', path]).ended).toMatchObject({ code: 2 });
    expect(readFileSync(path, 'utf8')).toBe(`${text}\n`);
  });

  test('makes an identity, and prints the same public key the next time', async () => {
    const path = join(bench.directory(), 'identity');
    const one = await bench.start(['keygen', '--identity', path]).ended;
    expect(one).toMatchObject({ code: 0, stdout: expect.stringMatching(/^udpcp1id_[a-z2-7]{58}\n$/) });
    expect(statSync(path).mode & 0o777).toBe(0o600);
    expect(await bench.start(['keygen', '--identity', path]).ended).toEqual(one);
  });
});

describe('with a key', () => {
  test('on both sides a file arrives, from a file or from the environment, and nothing shows the key', async () => {
    const { path: key, text } = await makeKey();
    const receiver = await bench.recv(['--key-file', key, '--jsonl', '--verbose']);
    const target = `127.0.0.1:${receiver.port}`;
    const [one, two] = [bench.file('one', content(50_000)), bench.file('two', content(5))];
    const sending = bench.start(['send', one, target, '--json', '--verbose'], { env: { UDPCP_KEY: ` ${text}\n` } });
    const seen = [argumentsOf(sending), argumentsOf(receiver)];
    const sent = [await sending.ended, await bench.send([two, target, '--key-file', key])];
    expect(sent).toMatchObject([{ code: 0 }, { code: 0 }]);
    for (const path of [one, two]) expect(sha256(join(receiver.out, path === one ? 'one' : 'two'))).toBe(sha256(path));
    expect(JSON.parse(sent[0]?.stdout ?? '')).toMatchObject({ security: { protection: 'noise-psk', identity: null } });
    const received = await receiver.kill('SIGINT');
    // Whom a key has proven nobody needs to compare words with.
    for (const side of [...sent, received]) expect(wordsOf(side)).toBeUndefined();
    const secret = text.slice('udpcp1_'.length);
    for (const said of [...seen, ...sent.flatMap(({ stdout, stderr }) => [stdout, stderr])]) {
      expect(said).not.toContain(secret);
    }
    expect(received.stdout + received.stderr).not.toContain(secret);
  });

  test.each([
    ['another key', async () => ['--key-file', (await makeKey()).path], /: the key is not the receiver's/],
    ['no key', async () => [], /: the receiver wants a key: .*--key-file$/m],
    ['plaintext', async () => ['--plaintext'], /: the receiver wants a key: .*--key-file$/m],
  ] as const)('whoever has %s is refused before it gives up calling, and leaves nothing', async (_, options, words) => {
    const receiver = await bench.recv(['--key-file', (await makeKey()).path, '--jsonl']);
    const target = `127.0.0.1:${receiver.port}`;
    const sent = await bench.send([bench.file('f', 'x'), target, '--connect-timeout', '8s', ...(await options())]);
    expect(sent).toMatchObject({ code: 3, stdout: '', stderr: expect.stringMatching(/^udpcp: .*\n$/) });
    expect(sent.stderr).toMatch(words);
    expect(readdirSync(receiver.out)).toEqual([]);
    const { stdout } = await receiver.kill('SIGINT');
    expect(eventsIn(stdout).map(({ type }) => type)).toEqual(['start', 'end']);
  });

  test.each([
    ['a key', ['keyed'], [], /: the receiver has no key; start it with the same --key-file$/m],
    ['a key', ['keyed'], ['--plaintext'], /: the receiver has no key; start it with the same --key-file$/m],
    ['encryption', [], ['--plaintext'], /: the receiver speaks plaintext only; .* --plaintext$/m],
    ['plaintext', ['--plaintext'], [], /: the receiver encrypts; leave out --plaintext$/m],
  ])('a sender that wants %s (%j, receiver %j) is told why not', async (_, sender, receives, words) => {
    const receiver = await bench.recv(receives);
    const security = sender[0] === 'keyed' ? ['--key-file', (await makeKey()).path] : sender;
    const sent = await bench.send([bench.file('f', 'x'), `127.0.0.1:${receiver.port}`, ...security]);
    expect(sent).toMatchObject({ code: 3, stderr: expect.stringMatching(/^udpcp: .*\n$/) });
    expect(sent.stderr).toMatch(words);
    expect(readdirSync(receiver.out)).toEqual([]);
  });

  test('a file that others can read is refused on either side, and so is nonsense in the environment', async () => {
    const { path, text } = await makeKey();
    chmodSync(path, 0o640);
    const lines = [
      await bench.send([bench.file('f', 'x'), 'localhost:1', '--key-file', path]),
      await bench.start(['recv', '--out', 'nowhere/out', '--key-file', path]).ended,
    ];
    for (const { code, stderr } of lines) {
      expect({ code, stderr }).toMatchObject({ code: 2, stderr: expect.stringMatching(/: others can .*chmod 600\n$/) });
    }
    const wrong = text.replace(/.$/, (last) => (last === 'a' ? 'b' : 'a'));
    for (const UDPCP_KEY of [wrong, '', 'secret']) {
      const sent = await bench.send([bench.file('f', 'x'), 'localhost:1'], { env: { UDPCP_KEY } });
      expect(sent).toMatchObject({ code: 2, stderr: expect.stringMatching(/^udpcp: UDPCP_KEY: .*\n$/) });
      if (UDPCP_KEY !== '') expect(sent.stderr).not.toContain(UDPCP_KEY);
    }
    const both = await bench.send(['f', 'localhost:1', '--plaintext'], { env: { UDPCP_KEY: text } });
    expect(both).toMatchObject({ code: 2, stderr: 'udpcp: a key in UDPCP_KEY and --plaintext: choose one\n' });
  });
});

describe('without a key', () => {
  test('both sides print the same five words, other ones each time, and none with --quiet', async () => {
    const receiver = await bench.recv(['--jsonl']);
    const target = `127.0.0.1:${receiver.port}`;
    const told: string[] = [];
    for (const name of ['a', 'b']) {
      const sent = await bench.send([bench.file(name, 'x'), target, '--json']);
      const { security } = JSON.parse(sent.stdout);
      expect(security).toEqual({ protection: 'noise', fingerprint: wordsOf(sent), identity: null });
      told.push(security.fingerprint);
    }
    expect(await bench.send([bench.file('c', 'x'), target, '--quiet'])).toMatchObject({ code: 0, stderr: '' });
    await receiver.says(/("type":"transfer".*\n[\s\S]*){3}/, 'stdout');
    const { stdout, stderr } = await receiver.kill('SIGINT');
    const received = eventsIn(stdout, 'session').map(({ security }) => security.fingerprint);
    expect(received.slice(0, 2)).toEqual(told);
    expect(new Set(told).size).toBe(2);
    for (const words of told) expect(stderr).toContain(` must show the words: ${words}\n`);
  });

  test('a receiver beyond loopback says that anyone may create files, and how to close it; one with a key does not', async () => {
    const { path } = await makeKey();
    const open = await bench.recv(['--bind', '0.0.0.0']);
    const readable = await bench.recv(['--bind', '0.0.0.0', '--plaintext']);
    const others = [await bench.recv(), await bench.recv(['--bind', '0.0.0.0', '--key-file', path])];
    const [said, saidPlain] = [await open.kill('SIGINT'), await readable.kill('SIGINT')];
    expect(said.stderr).toMatch(
      /^anyone who can reach this port can create new files in .* --key-file KEY on both sides$/m,
    );
    expect(saidPlain.stderr).toMatch(/^anyone who .* and anyone on the way can read what is sent; .*$/m);
    for (const receiver of others) expect((await receiver.kill('SIGINT')).stderr).not.toContain('anyone');
  });

  test('nothing of a file can be read on the way', async () => {
    const path = bench.file('unlikely-name', 'unlikely content '.repeat(1000));
    const record = async (security: string[]): Promise<string> => {
      const receiver = await bench.recv(security);
      const relay = await eavesdrop(receiver.port);
      try {
        expect(await bench.send([path, `127.0.0.1:${relay.port}`, ...security])).toMatchObject({ code: 0 });
        return Buffer.concat(relay.datagrams.map(({ bytes }) => bytes)).toString('latin1');
      } finally {
        await relay.close();
      }
    };
    expect(await record(['--plaintext'])).toMatch(/unlikely-name.*unlikely content/s);
    expect(await record([])).not.toMatch(/unlikely/);
  });
});

test('an unreadable word in a key file is not repeated', async () => {
  const path = join(bench.directory(), 'key');
  writeFileSync(path, 'hunter2\n', { mode: 0o600 });
  const sent = await bench.send([bench.file('f', 'x'), 'localhost:1', '--key-file', path]);
  expect(sent).toMatchObject({ code: 2 });
  expect(sent.stderr).not.toContain('hunter2');
});
