import type { Argument, Command, Option } from 'commander';
import { ARQ_WORDS, CONGESTION_WORDS } from '../options/choices.ts';

/** What may stand in a place: a path, one of some words, or anything. */
export type Place =
  | { readonly kind: 'file' | 'directory' | 'anything' }
  | { readonly kind: 'word'; readonly words: readonly string[] };

export interface CompletedOption {
  /** `--key-file`, and perhaps `-k`. */
  readonly flags: readonly string[];
  readonly description: string;
  /** What follows it; undefined: nothing. */
  readonly value: Place | undefined;
}

/** A command as a shell sees it. */
export interface Completed {
  /** Its name and its aliases; none: the program itself. */
  readonly names: readonly string[];
  readonly description: string;
  readonly options: readonly CompletedOption[];
  /** What its operands are; undefined: it has none. */
  readonly operand: Place | undefined;
}

/** Words that options take whose parsers do not tell. */
const WORDS: Readonly<Record<string, readonly string[]>> = { arq: ARQ_WORDS, cc: CONGESTION_WORDS };

/** The program, then its commands, `help` among them; options that help does not show are left out. */
export function commandsOf(program: Command): Completed[] {
  const commands = program.createHelp().visibleCommands(program);
  const places = new Map<string, Place>([['command', { kind: 'word', words: program.commands.flatMap(namesOf) }]]);
  return [describe(program, [], places), ...commands.map((one) => describe(one, namesOf(one), places))];
}

const namesOf = (command: Command): string[] => [command.name(), ...command.aliases()];

function describe(command: Command, names: readonly string[], places: ReadonlyMap<string, Place>): Completed {
  const options = command.createHelp().visibleOptions(command).map(describeOption);
  const [operand] = command.registeredArguments;
  const place = operand && (places.get(operand.name()) ?? placeOfOperand(operand));
  return { names, description: command.description(), options, operand: place };
}

function describeOption(option: Option): CompletedOption {
  const flags = [option.short, option.long].filter((flag) => flag !== undefined);
  const takesValue = option.required || option.optional;
  return { flags, description: option.description, value: takesValue ? placeOfValue(option) : undefined };
}

function placeOfValue(option: Option): Place {
  const words = option.argChoices ?? WORDS[option.attributeName()];
  if (words !== undefined) return { kind: 'word', words };
  if (option.flags.endsWith('<file>')) return { kind: 'file' };
  return { kind: option.flags.endsWith('<dir>') ? 'directory' : 'anything' };
}

function placeOfOperand(operand: Argument): Place {
  if (operand.argChoices !== undefined) return { kind: 'word', words: operand.argChoices };
  return { kind: ['file', 'path'].includes(operand.name()) ? 'file' : 'anything' };
}

/** All flags of all options. */
export function flagsOf({ options }: Completed): string[] {
  return options.flatMap(({ flags }) => flags);
}

/** Text in single quotes, for any of the shells. */
export function quote(text: string): string {
  return `'${text.replaceAll("'", "'\\''")}'`;
}
