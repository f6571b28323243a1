import { readFile, stat, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { describe, expect, test } from 'vitest';
import { formatIdentity } from '../../src/crypto/identity.ts';
import { KnownHosts, knownHostName } from '../../src/crypto/known-hosts.ts';
import { temporaryDirectory } from '../store/temporary.ts';

const HOST = 'box.example:9000';
const ONE = new Uint8Array(32).fill(1);
const TWO = new Uint8Array(32).fill(2);
const line = (host: string, identity: Uint8Array): string => `${host} ${formatIdentity(identity)}`;

async function fileOf(text: string): Promise<string> {
  const path = join(await temporaryDirectory(), 'known_hosts');
  await writeFile(path, text);
  return path;
}

describe('trust on first use', () => {
  test('a host is new, then remembered, and then known', async () => {
    const path = join(await temporaryDirectory(), 'udpcp', 'known_hosts');
    const before = await KnownHosts.read(path);
    expect(before.identityOf(HOST)).toBeUndefined();
    expect(before.trust(HOST)(ONE)).toBeUndefined();
    await before.remember(HOST, ONE);
    expect(await readFile(path, 'utf8')).toBe(`${line(HOST, ONE)}\n`);
    const after = await KnownHosts.read(path);
    expect(after.identityOf(HOST)).toEqual(ONE);
    expect(after.trust(HOST)(ONE)).toBeUndefined();
    if (process.platform !== 'win32') expect((await stat(path)).mode & 0o777).toBe(0o600);
  });

  test('a new host may also show nothing', async () => {
    const hosts = await KnownHosts.read(await fileOf(''));
    expect(hosts.trust(HOST)(undefined)).toBeUndefined();
  });

  test.each([
    ['another identity', TWO, `it now shows ${formatIdentity(TWO)}`],
    ['none any more', undefined, 'it shows no identity any more'],
  ])('a known host that shows %s is refused, with the file and the line', async (_, identity, words) => {
    const path = await fileOf(`# mine\n\n${line('other:9000', TWO)}\n${line(HOST, ONE)}\n`);
    const refusal = (await KnownHosts.read(path)).trust(HOST)(identity);
    expect(refusal?.code).toBe('ERR_AUTHENTICATION');
    expect(refusal?.message).toContain(words);
    expect(refusal?.message).toContain(`delete line 4 of ${path}`);
  });

  test('another port is another host', async () => {
    const hosts = await KnownHosts.read(await fileOf(`${line(HOST, ONE)}\n`));
    expect(hosts.trust('box.example:9001')(TWO)).toBeUndefined();
  });
});

describe('the file', () => {
  test('may hold remarks, empty lines and lines of another kind, which are left alone', async () => {
    const text = [
      '# remark',
      '',
      'nonsense',
      `${HOST} ssh-ed25519 AAAA`,
      `${HOST} udpcp1id_short`,
      `# ${line(HOST, TWO)}`,
      `  ${line(HOST, ONE)}\r`,
      line(HOST, TWO),
      `${line('three.words:9000', ONE)} more`,
    ].join('\n');
    const path = await fileOf(text);
    const hosts = await KnownHosts.read(path);
    expect(hosts.identityOf(HOST)).toEqual(ONE);
    expect(hosts.identityOf('three.words:9000')).toBeUndefined();
    await hosts.remember('new:1', TWO);
    expect(await readFile(path, 'utf8')).toBe(`${text}\n${line('new:1', TWO)}\n`);
  });

  test('holds a host once, however often it is remembered', async () => {
    const path = await fileOf('');
    for (let round = 0; round < 3; round++) await (await KnownHosts.read(path)).remember(HOST, ONE);
    expect(await readFile(path, 'utf8')).toBe(`${line(HOST, ONE)}\n`);
  });

  test('loses nothing to senders that write it at once', async () => {
    const path = join(await temporaryDirectory(), 'known_hosts');
    const hosts = Array.from({ length: 50 }, (_, at) => `host${at}:9000`);
    const identity = (at: number): Uint8Array => new Uint8Array(32).fill(at);
    const early = await KnownHosts.read(path);
    await Promise.all(hosts.map((host, at) => early.remember(host, identity(at))));
    const after = await KnownHosts.read(path);
    hosts.forEach((host, at) => void expect(after.identityOf(host)).toEqual(identity(at)));
    expect((await readFile(path, 'utf8')).split('\n')).toHaveLength(51);
  });

  test('that another sender has meanwhile taught the host with another identity refuses it', async () => {
    const path = await fileOf('');
    const early = await KnownHosts.read(path);
    await (await KnownHosts.read(path)).remember(HOST, ONE);
    await expect(early.remember(HOST, TWO)).rejects.toThrow(expect.objectContaining({ code: 'ERR_AUTHENTICATION' }));
    expect(await readFile(path, 'utf8')).toBe(`${line(HOST, ONE)}\n`);
  });

  test('that cannot be read or written is named', async () => {
    const directory = await temporaryDirectory();
    const named = expect.objectContaining({ code: 'ERR_USAGE', message: expect.stringContaining(directory) });
    await expect(KnownHosts.read(directory)).rejects.toThrow(named);
    await writeFile(join(directory, 'file'), '');
    // Where no file can be, nobody was met.
    const hosts = await KnownHosts.read(join(directory, 'file', 'known_hosts'));
    expect(hosts.identityOf(HOST)).toBeUndefined();
    await expect(hosts.remember(HOST, ONE)).rejects.toThrow(named);
    await expect(hosts.remember('two words', ONE)).rejects.toThrow(RangeError);
  });
});

test.each([
  ['Box.Example', 9000, 'box.example:9000'],
  ['192.0.2.1', 1, '192.0.2.1:1'],
  ['FE80::1', 9000, '[fe80::1]:9000'],
  ['fe80::1%eth0', 9000, '[fe80::1%eth0]:9000'],
])('the host %s at port %d is %s', (host, port, name) => {
  expect(knownHostName(host, port)).toBe(name);
});
