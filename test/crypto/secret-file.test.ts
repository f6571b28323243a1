import { execFileSync } from 'node:child_process';
import { chmod, mkdir, readdir, readFile, stat, symlink, writeFile } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import { afterEach, describe, expect, test, vi } from 'vitest';
import { createSecretFile, readSecretFile } from '../../src/crypto/secret-file.ts';
import { readSharedKeyFile, SharedKey } from '../../src/crypto/shared-key.ts';
import { temporaryDirectory } from '../store/temporary.ts';

const KEY = SharedKey.generate();
const hasModes = process.platform !== 'win32';

async function fileOf(text: string | Uint8Array, mode = 0o600): Promise<string> {
  const path = join(await temporaryDirectory(), 'key');
  await writeFile(path, text);
  await chmod(path, mode); // after the umask
  return path;
}

const usage = (words: string) =>
  expect.objectContaining({ code: 'ERR_USAGE', message: expect.stringContaining(words) });

describe('a key file', () => {
  test.each([
    ['as keygen writes it', `${KEY.toText()}\n`],
    ['without an end of line', KEY.toText()],
    ['with remarks and empty lines', `# our key\n\n  ${KEY.toText()}  \n\n`],
    ['from Windows, with a byte order mark', `\u{feff}${KEY.toText()}\r\n`],
  ])('%s is read', async (_, text) => {
    expect((await readSharedKeyFile(await fileOf(text))).bytes).toEqual(KEY.bytes);
  });

  test.each([
    ['empty', '', 'there is no key in it'],
    ['of remarks alone', '# nothing\n', 'there is no key in it'],
    ['with two keys', `${KEY.toText()}\n${KEY.toText()}\n`, 'there is more than one line in it'],
    ['of something else', 'hello\n', 'a shared key begins with udpcp1_'],
    ['that is huge', `${KEY.toText()}\n${' '.repeat(5000)}`, 'too large to be a key'],
    ['of random bytes', Uint8Array.from({ length: 300 }, (_, at) => at * 37), 'key file'],
  ])('%s is refused', async (_, text, words) => {
    await expect(readSharedKeyFile(await fileOf(text))).rejects.toThrow(usage(words));
  });

  test('that is not there, or is a directory, is named', async () => {
    const directory = await temporaryDirectory();
    const missing = join(directory, 'missing');
    await expect(readSharedKeyFile(missing)).rejects.toThrow(usage(`key file ${missing}: no such file`));
    await expect(readSharedKeyFile(directory)).rejects.toThrow(usage(`key file ${directory}: `));
  });

  test.runIf(hasModes).each([0o640, 0o620, 0o604, 0o602, 0o644, 0o666, 0o777])(
    'of mode %o is refused, and the remedy named',
    async (mode) => {
      await expect(readSharedKeyFile(await fileOf(KEY.toText(), mode))).rejects.toThrow(usage('chmod 600'));
    },
  );

  describe.runIf(hasModes)('that is a credential of systemd', () => {
    afterEach(() => {
      vi.unstubAllEnvs();
    });

    test.each([0o440, 0o400])('of mode %o, which its ACL makes look shared, is read', async (mode) => {
      const path = await fileOf(KEY.toText(), mode);
      vi.stubEnv('CREDENTIALS_DIRECTORY', dirname(path));
      expect((await readSharedKeyFile(path)).bytes).toEqual(KEY.bytes);
    });

    test.each([0o460, 0o444, 0o446])('of mode %o is refused', async (mode) => {
      const path = await fileOf(KEY.toText(), mode);
      vi.stubEnv('CREDENTIALS_DIRECTORY', dirname(path));
      await expect(readSharedKeyFile(path)).rejects.toThrow(usage('chmod 600'));
    });

    test('makes no difference for another file', async () => {
      vi.stubEnv('CREDENTIALS_DIRECTORY', await temporaryDirectory());
      await expect(readSharedKeyFile(await fileOf(KEY.toText(), 0o440))).rejects.toThrow(usage('chmod 600'));
    });
  });

  test.runIf(hasModes).each([0o600, 0o400, 0o700])('of mode %o is read', async (mode) => {
    expect((await readSharedKeyFile(await fileOf(KEY.toText(), mode))).bytes).toEqual(KEY.bytes);
  });

  test.runIf(hasModes)('behind a symbolic link is judged by its own mode', async () => {
    const path = await fileOf(KEY.toText(), 0o644);
    await symlink(path, `${path}.link`);
    await expect(readSharedKeyFile(`${path}.link`)).rejects.toThrow(usage('chmod 600'));
  });

  test.runIf(hasModes)('may be a pipe, as of a password manager', async () => {
    const path = join(await temporaryDirectory(), 'pipe');
    execFileSync('mkfifo', [path]);
    const [key] = await Promise.all([readSharedKeyFile(path), writeFile(path, `${KEY.toText()}\n`)]);
    expect(key.bytes).toEqual(KEY.bytes);
  });
});

describe('createSecretFile()', () => {
  test('creates a file for its owner alone, and the directories above', async () => {
    const top = join(await temporaryDirectory(), 'one');
    const path = join(top, 'two', 'key');
    expect(await createSecretFile(path, 'secret\n')).toBe(true);
    expect(await readFile(path, 'utf8')).toBe('secret\n');
    expect(await readdir(join(top, 'two'))).toEqual(['key']);
    if (!hasModes) return;
    expect((await stat(path)).mode & 0o777).toBe(0o600);
    expect((await stat(top)).mode & 0o777).toBe(0o700);
  });

  test('leaves alone what is there', async () => {
    const path = await fileOf('first\n');
    expect(await createSecretFile(path, 'second\n')).toBe(false);
    expect(await readFile(path, 'utf8')).toBe('first\n');
  });

  test('of many at once, one wins and all can be read', async () => {
    const path = join(await temporaryDirectory(), 'key');
    const results = await Promise.all(Array.from({ length: 10 }, (_, at) => createSecretFile(path, `${at}\n`)));
    const winner = results.indexOf(true);
    expect(results.filter((isFirst) => isFirst)).toHaveLength(1);
    expect(await readSecretFile(path, (line) => line)).toBe(`${winner}`);
  });

  test('that cannot is an error with the path', async () => {
    const directory = await temporaryDirectory();
    await writeFile(join(directory, 'file'), '');
    const path = join(directory, 'file', 'key');
    await expect(createSecretFile(path, '')).rejects.toThrow(usage(`cannot create ${path}: `));
    await mkdir(join(directory, 'taken'));
    expect(await createSecretFile(join(directory, 'taken'), '')).toBe(false);
  });
});
