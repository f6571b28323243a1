import { type Completed, type CompletedOption, flagsOf, type Place, quote } from './completion-model.ts';

/** For bash 3.2 and newer, without the bash-completion package. */
export function bashScript([program, ...commands]: readonly Completed[]): string {
  const names = commands.flatMap((command) => command.names);
  const rows = commands.map(
    (command) => `    ${command.names.join('|')})
      case $previous in
${command.options.map(valueCase).join('')}      esac
      case $current in
        -*) _udpcp_words ${quote(flagsOf(command).join(' '))} ;;
        *) ${fill(command.operand)} ;;
      esac ;;`,
  );
  return `# bash completion of udpcp: put this into ~/.bashrc:  eval "$(udpcp completion bash)"
_udpcp_reply() {
  local line
  COMPREPLY=()
  while IFS= read -r line; do COMPREPLY+=("$line"); done
}
_udpcp_words() { _udpcp_reply < <(compgen -W "$1" -- "$current"); }
_udpcp_files() { _udpcp_reply < <(compgen -f -- "$current"); compopt -o filenames 2>/dev/null; }
_udpcp_directories() { _udpcp_reply < <(compgen -d -- "$current"); compopt -o filenames 2>/dev/null; }
_udpcp_nothing() { compopt +o default 2>/dev/null; }
_udpcp() {
  local current=\${COMP_WORDS[COMP_CWORD]} previous=\${COMP_WORDS[COMP_CWORD - 1]} command='' index
  COMPREPLY=()
  # --option=value comes as three words.
  if [[ $current == '=' ]]; then current=''
  elif [[ $previous == '=' ]]; then previous=\${COMP_WORDS[COMP_CWORD - 2]}; fi
  for ((index = 1; index < COMP_CWORD; index++)); do
    case \${COMP_WORDS[index]} in
      ${names.join('|')}) command=\${COMP_WORDS[index]}; break ;;
    esac
  done
  case $command in
${rows.join('\n')}
    *) _udpcp_words ${quote([...names, ...(program === undefined ? [] : flagsOf(program))].join(' '))} ;;
  esac
}
complete -o default -F _udpcp udpcp
`;
}

function valueCase({ flags, value }: CompletedOption): string {
  return value === undefined ? '' : `        ${flags.join('|')}) ${fill(value)}; return ;;\n`;
}

/** The call that completes such a place. */
function fill(place: Place | undefined): string {
  switch (place?.kind) {
    case 'file':
      return '_udpcp_files';
    case 'directory':
      return '_udpcp_directories';
    case 'word':
      return `_udpcp_words ${quote(place.words.join(' '))}`;
    case 'anything':
    case undefined:
      return '_udpcp_nothing';
  }
}
