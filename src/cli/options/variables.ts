import { type Command, InvalidArgumentError, type Option } from 'commander';
import { UdpcpError } from '../../errors.ts';

const PREFIX = 'UDPCP_';

/** Variables that stand for no option. */
const OTHERS = ['UDPCP_KEY', 'UDPCP_KNOWN_HOSTS'];

/** Options of one run, which no environment should decide; nor does it turn off encryption. */
const ONE_RUN = new Set([
  'help',
  'as',
  'json',
  'jsonl',
  'receipt',
  'record',
  'replay',
  'plaintext',
  'dry-run',
  'restart',
  'listen',
  'list-partials',
  'purge-partials',
]);

/** Options that may be repeated: their variables hold several values with spaces between them. */
const REPEATED = new Set(['allow', 'exclude']);

const SWITCH = new Map(
  Object.entries({ 1: true, true: true, yes: true, on: true, 0: false, false: false, no: false, off: false }),
);

/** The variable that stands for an option: `UDPCP_IDLE_TIMEOUT` for `--idle-timeout`; undefined: none does. */
export function variableOf(option: Option): string | undefined {
  const name = option.long?.slice('--'.length);
  if (name === undefined || ONE_RUN.has(name)) return undefined;
  return PREFIX + name.toUpperCase().replaceAll('-', '_');
}

/**
 * Lets variables stand for options that are not given; an empty one is as none. The flags win,
 * also over a variable that they conflict with. Parsing throws UdpcpError ERR_USAGE, which names the variable.
 */
export function readVariables(command: Command, environment: NodeJS.ProcessEnv): void {
  for (const option of command.options) {
    const variable = variableOf(option);
    if (variable === undefined) continue;
    option.env(variable); // from now on commander tells of it when no flag is given, and names it where it conflicts
    command.on(`optionEnv:${option.name()}`, () => {
      const text = environment[variable];
      if (text === undefined || text === '' || isOverruled(command, option)) return;
      const value = readValue(option, variable, text);
      if (value !== undefined) command.setOptionValueWithSource(option.attributeName(), value, 'env');
    });
  }
}

/** Variables that look like ours and mean nothing: misspelt ones, mostly. Asks for all commands only when there are any of ours. */
export function unknownVariables(commands: () => readonly Command[], environment: NodeJS.ProcessEnv): string[] {
  const ours = Object.keys(environment).filter((name) => name.startsWith(PREFIX) && !OTHERS.includes(name));
  if (ours.length === 0) return [];
  const known = new Set(commands().flatMap(({ options }) => options.map(variableOf)));
  return ours.filter((name) => !known.has(name));
}

/** A flag was given that does not go with it. */
function isOverruled(command: Command, option: Option): boolean {
  return command.options.some((other) => {
    const isGiven = command.getOptionValueSource(other.attributeName()) === 'cli';
    return isGiven && (excludes(option, other) || excludes(other, option));
  });
}

/** `conflictsWith` is missing in commander's types. */
function excludes(option: Option, other: Option): boolean {
  const { conflictsWith } = option as Option & { readonly conflictsWith: readonly string[] };
  return conflictsWith.includes(other.attributeName());
}

/** What the option's flag would give; undefined: the variable turns the option off. */
function readValue(option: Option, variable: string, text: string): unknown {
  try {
    if (option.isBoolean() || option.negate) {
      const isOn = SWITCH.get(text.toLowerCase());
      if (isOn === undefined) throw new InvalidArgumentError('Write 1 or 0.');
      return isOn ? !option.negate : undefined;
    }
    const name = option.long?.slice('--'.length) ?? '';
    const { parseArg } = option;
    if (parseArg === undefined) return text;
    const parts = REPEATED.has(name) ? text.trim().split(/\s+/) : [text];
    return parts.reduce<unknown>((previous, part) => parseArg(part, previous), undefined);
  } catch (error) {
    if (!(error instanceof InvalidArgumentError)) throw error;
    throw new UdpcpError('ERR_USAGE', `${variable}: ${error.message}`, { cause: error });
  }
}
