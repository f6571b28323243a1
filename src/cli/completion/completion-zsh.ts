import { type Completed, type CompletedOption, type Place, quote } from './completion-model.ts';

/** For zsh 5; both as a file in `fpath` and evaluated. */
export function zshScript([program, ...commands]: readonly Completed[]): string {
  const described = commands.flatMap(({ names, description }) =>
    names.map((name) => quote(`${name}:${description.replaceAll(':', '\\:')}`)),
  );
  const rows = commands.map((command) => {
    const specs = [...command.options.map(optionSpec), ...operandSpec(command.operand)];
    return `        ${command.names.join('|')})\n          _arguments -s ${specs.join(' \\\n            ')} ;;`;
  });
  const own = program?.options.map(optionSpec) ?? [];
  return `#compdef udpcp
# zsh completion of udpcp: put this into ~/.zshrc after compinit:  eval "$(udpcp completion zsh)"
_udpcp() {
  local curcontext=$curcontext state line
  typeset -A opt_args
  _arguments -C ${[...own, "'1: :->command'", "'*:: :->rest'"].join(' \\\n    ')}
  case $state in
    command)
      local -a commands=(${described.join(' ')})
      _describe command commands ;;
    rest)
      case $words[1] in
${rows.join('\n')}
      esac ;;
  esac
}
if [[ $funcstack[1] == _udpcp ]]; then _udpcp "$@"; else compdef _udpcp udpcp; fi
`;
}

function optionSpec({ flags, description, value }: CompletedOption): string {
  const text = description.replace(/[[\]\\:]/g, '\\$&');
  const [one = '', ...others] = flags;
  const rest = value === undefined ? `[${text}]` : `[${text}]:${action(value)}`;
  const spec = (flag: string): string =>
    quote(`*${flag}${value !== undefined && flag.startsWith('--') ? '=' : ''}${rest}`);
  return [one, ...others].map(spec).join(' ');
}

function operandSpec(place: Place | undefined): string[] {
  return place === undefined ? [] : [quote(`*:${action(place)}`)];
}

/** `MESSAGE:ACTION` of an argument. */
function action(place: Place): string {
  switch (place.kind) {
    case 'file':
      return 'file:_files';
    case 'directory':
      return 'directory:_files -/';
    case 'word':
      return `value:(${place.words.join(' ')})`;
    case 'anything':
      return 'value:()'; // a message instead would keep options from being completed
  }
}
