import { type Completed, type CompletedOption, type Place, quote } from './completion-model.ts';

/** For fish 3. */
export function fishScript([program, ...commands]: readonly Completed[]): string {
  const lines = commands.flatMap((command) => {
    const where = `-n ${quote(`__fish_seen_subcommand_from ${command.names.join(' ')}`)}`;
    return [
      ...command.names.map(
        (name) => `complete -c udpcp -n __fish_use_subcommand -f -a ${name} -d ${text(command.description)}`,
      ),
      `complete -c udpcp ${where} ${argument(command.operand)}`,
      ...command.options.map((option) => `complete -c udpcp ${where} ${optionWords(option)}`),
    ];
  });
  const own =
    program?.options.map((option) => `complete -c udpcp -n __fish_use_subcommand ${optionWords(option)}`) ?? [];
  return [
    '# fish completion of udpcp:  udpcp completion fish > ~/.config/fish/completions/udpcp.fish',
    'complete -c udpcp -n __fish_use_subcommand -f',
    ...own,
    ...lines,
    '',
  ].join('\n');
}

function optionWords({ flags, description, value }: CompletedOption): string {
  const names = flags.map((flag) => (flag.startsWith('--') ? `-l ${flag.slice(2)}` : `-s ${flag.slice(1)}`));
  const takes = value === undefined ? [] : ['-r', argument(value)];
  return [...names, ...takes, `-d ${text(description)}`].join(' ');
}

/** Which words may stand there. */
function argument(place: Place | undefined): string {
  switch (place?.kind) {
    case 'file':
      return '-F';
    case 'directory':
      return `-f -a ${quote('(__fish_complete_directories)')}`;
    case 'word':
      return `-f -a ${quote(place.words.join(' '))}`;
    case 'anything':
    case undefined:
      return '-f';
  }
}

/** In single quotes fish knows two escapes. */
function text(words: string): string {
  return `'${words.replaceAll('\\', '\\\\').replaceAll("'", "\\'")}'`;
}
