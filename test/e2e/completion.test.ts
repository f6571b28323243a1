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

/** Fish reads no socket, which is what a child of Node's has for stdin. */
const fileOf = (shell: string): string => bench.file('script', scripts.get(shell) ?? '');

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
    ['commands to be helped with', ['help', 'rec'], ['recv', 'receive']],
  ])('%s: %j', (_, words, expected) => {
    const got = offered(...words);
    if (words[0] === '') expect(got).toEqual(expect.arrayContaining(expected));
    else expect(got.sort()).toEqual(expected.toSorted());
  });
});

describe.skipIf(!hasShell('fish'))('in fish', () => {
  /** What fish offers for the end of each of these lines, without descriptions, in a directory with some files. */
  function offered(lines: readonly string[]): string[][] {
    const directory = bench.directory();
    mkdirSync(join(directory, 'photos of 2026'));
    writeFileSync(join(directory, 'photo 1.jpg'), '');
    const run = 'source $argv[1]; for line in $argv[2..]; complete -C $line; echo ==; end';
    const options = { cwd: directory, encoding: 'utf8' } as const;
    const args = ['--no-config', '-c', run, fileOf('fish'), ...lines];
    const { status, stdout, stderr } = spawnSync('fish', args, options);
    expect({ status, stderr }).toEqual({ status: 0, stderr: '' });
    const offers = stdout.split('\n').map((line) => line.replace(/\t.*$/, ''));
    return lines.map(() => offers.splice(0, offers.indexOf('==') + 1).slice(0, -1));
  }

  test('commands, flags, words and files are offered', () => {
    const expected: Readonly<Record<string, readonly string[]>> = {
      'udpcp ': ['send', 'recv', 'receive', 'pipe', 'keygen', 'completion', 'help'],
      'udpcp rec': ['recv', 'receive'],
      'udpcp help ke': ['keygen'],
      'udpcp receive --max-s': ['--max-size', '--max-sessions'],
      'udpcp send a --arq g': ['go-back-n'],
      'udpcp send photo': ['photo 1.jpg', 'photos of 2026/'],
      'udpcp recv --out photo': ['photos of 2026/'],
      'udpcp recv ': [],
      'udpcp send --window ': [],
    };
    for (const [index, offers] of offered(Object.keys(expected)).entries()) {
      expect(offers.toSorted()).toEqual(Object.values(expected)[index]?.toSorted());
    }
  });
});

/** script(1) of util-linux runs a command in a terminal of its own. */
const hasTerminal = spawnSync('script', ['--version']).status === 0;

describe.skipIf(!hasShell('zsh') || !hasTerminal)('in zsh', () => {
  test('commands, flags, words and files are completed by Tab', async () => {
    const directory = bench.directory();
    writeFileSync(join(directory, 'photo 1.jpg'), '');
    const options = { command: ['script'], hasInput: true, cwd: directory, env: { TERM: 'xterm' } } as const;
    const terminal = bench.start(['-qec', 'stty cols 200; exec zsh -f', '/dev/null'], options);
    const type = (keys: string) => terminal.child.stdin?.write(keys);
    // Ctrl-X shows the line as it is, between < and >, and empties it.
    type(`show() { print -r -- "<$BUFFER>"; BUFFER=; }; zle -N show; bindkey '^X' show\n`);
    type(`autoload -Uz compinit; compinit -D -u; . ${fileOf('zsh')}; print read""y\n`);
    await terminal.says(/\bready\b/, 'stdout');
    for (const [typed, completed] of [
      ['udpcp se', 'udpcp send '],
      ['udpcp help ke', 'udpcp help keygen '],
      ['udpcp pipe --lis', 'udpcp pipe --listen='],
      ['udpcp receive --overw', 'udpcp receive --overwrite '],
      ['udpcp send --arq g', 'udpcp send --arq go-back-n '],
      ['udpcp send ph', 'udpcp send photo\\ 1.jpg '],
    ] as const) {
      type(`${typed}\t\x18`);
      const [, line] = await terminal.says(new RegExp(`<(${typed}[^>]*)>`), 'stdout');
      expect(line).toBe(completed);
    }
    await terminal.kill('SIGKILL');
  });
});

test.each(['bash', 'zsh', 'fish'])('%s accepts the script, if it is here', (shell) => {
  if (!hasShell(shell)) return;
  const { status, stderr } = spawnSync(shell, ['-n', fileOf(shell)], { encoding: 'utf8' });
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
