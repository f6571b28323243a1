import { execFileSync, spawnSync } from 'node:child_process';
import { mkdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { beforeAll, describe, expect, test } from 'vitest';
import { UDPCP, useBench } from './processes.ts';

const bench = useBench();

const scripts = new Map<string, string>();
beforeAll(() => {
  for (const shell of ['bash', 'zsh', 'fish']) {
    scripts.set(shell, execFileSync(process.execPath, [UDPCP, 'completion', shell], { encoding: 'utf8' }));
  }
});

const hasShell = (name: string): boolean => spawnSync(name, ['--version']).status === 0;

describe.skipIf(!hasShell('bash'))('in bash', () => {
  /** What bash offers for the last of these words, in a directory with some files. */
  function offered(...words: readonly string[]): string[] {
    const directory = bench.directory();
    mkdirSync(join(directory, 'photos of 2026'));
    for (const name of ['photo 1.jpg', 'notes $HOME.txt']) writeFileSync(join(directory, name), '');
    const run = `eval "$(cat)"
      COMP_WORDS=("$@") COMP_CWORD=$(($# - 1))
      _udpcp udpcp
      printf '%s\\n' "\${COMPREPLY[@]}"`;
    const options = { cwd: directory, encoding: 'utf8', input: scripts.get('bash') } as const;
    const { status, stdout, stderr } = spawnSync('bash', ['--norc', '-uc', run, 'bash', 'udpcp', ...words], options);
    expect({ status, stderr }).toEqual({ status: 0, stderr: '' });
    return stdout.split('\n').filter((line) => line !== '');
  }

  test('the script loads, again and again, and completes udpcp', () => {
    const run = 'script=$(cat); eval "$script"; eval "$script"; complete -p udpcp';
    const { stdout, stderr } = spawnSync('bash', ['-ec', run], { encoding: 'utf8', input: scripts.get('bash') });
    expect({ stdout, stderr }).toEqual({ stdout: 'complete -o default -F _udpcp udpcp\n', stderr: '' });
  });

  test.each([
    ['commands', [''], ['send', 'recv', 'receive', 'keygen', 'completion', 'help', '--version', '--help']],
    ['the rest of a command', ['rec'], ['recv', 'receive']],
    ['flags of a command', ['send', '--conn'], ['--connect-timeout']],
    ['flags of an alias', ['receive', '--max-s'], ['--max-size', '--max-sessions']],
    ['flags after operands', ['send', 'a', '--id'], ['--idle-timeout']],
    ['words', ['send', '--arq', 'g'], ['go-back-n']],
    ['words after =', ['send', '--cc', '='], ['new-reno', 'cubic', 'bbr', 'fixed']],
    ['the rest of a word after =', ['send', '--cc', '=', 'b'], ['bbr']],
    ['files', ['send', 'photo'], ['photo 1.jpg', 'photos of 2026']],
    ['files that look like code', ['send', '--quiet', 'notes'], ['notes $HOME.txt']],
    ['files for an option', ['recv', '--key-file', 'n'], ['notes $HOME.txt']],
    ['directories', ['recv', '--out', 'photo'], ['photos of 2026']],
    ['nothing where nobody knows', ['send', '--window', ''], []],
    ['nothing where nothing belongs', ['recv', ''], []],
    ['shells', ['completion', ''], ['bash', 'zsh', 'fish']],
  ])('%s: %j', (_, words, expected) => {
    const got = offered(...words);
    if (words[0] === '') expect(got).toEqual(expect.arrayContaining(expected));
    else expect(got.sort()).toEqual(expected.toSorted());
  });
});

test.each(['bash', 'zsh', 'fish'])('%s accepts the script, if it is here', (shell) => {
  if (!hasShell(shell)) return;
  const { status, stderr } = spawnSync(shell, ['-n'], { encoding: 'utf8', input: scripts.get(shell) });
  expect({ status, stderr }).toEqual({ status: 0, stderr: '' });
});

test.each([
  [
    'zsh',
    [
      "'*--arq=[",
      ':value:(stop-and-wait go-back-n selective-repeat)',
      "'*--out=[",
      'directory:_files -/',
      'recv|receive)',
    ],
  ],
  [
    'fish',
    [
      "-l arq -r -f -a 'stop-and-wait go-back-n selective-repeat'",
      '-l out -r -f -a',
      '-a completion -d',
      "'bash zsh fish'",
    ],
  ],
])('%s knows commands, flags, words and directories', (shell, pieces) => {
  for (const piece of pieces) expect(scripts.get(shell)).toContain(piece);
});

test('another shell is a usage error that names those there are', async () => {
  const { code, stdout, stderr } = await bench.start(['completion', 'tcsh']).ended;
  expect({ code, stdout }).toEqual({ code: 2, stdout: '' });
  expect(stderr).toMatch(/^udpcp: .*Allowed choices are bash, zsh, fish\.\n$/);
});
