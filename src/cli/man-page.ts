import type { Command, Option } from 'commander';
import { EXAMPLES, exampleLines } from './examples.ts';
import { EXIT_MEANING } from './exit-codes.ts';
import { variableOf } from './options/variables.ts';
import { createProgram } from './program.ts';
import { packageVersion } from './version.ts';

/** The manual, in man(7): the prose, with what the commands say of themselves in the places of `@NAME@`. */
export function manPage(prose: string): string {
  const program = createProgram(() => {});
  const parts: Readonly<Record<string, string>> = {
    VERSION: packageVersion(),
    SYNOPSIS: program.commands.map(synopsis).join('\n.br\n'),
    COMMANDS: commands(program.commands),
    VARIABLES: variables(program.commands),
    EXIT: Object.entries(EXIT_MEANING)
      .map(([code, meaning]) => tagged(code, meaning))
      .join('\n'),
    EXAMPLES: roff(exampleLines(EXAMPLES).join('\n')),
  };
  return prose.replaceAll(/@([A-Z]+)@/g, (_, name: string) => parts[name] ?? '');
}

/** Text that means itself: no escapes, no requests, hyphens that can be copied. */
function roff(text: string): string {
  return text
    .replaceAll('\\', '\\e')
    .replaceAll('-', '\\-')
    .replaceAll(/^(?=[.'])/gm, '\\&')
    .replaceAll('~', '\\(ti');
}

function tagged(tag: string, text: string): string {
  return `.TP\n.B ${roff(tag)}\n${roff(text)}`;
}

function synopsis(command: Command): string {
  return `.B udpcp ${roff(command.name())}\n${roff(command.usage())}`;
}

/** What the manual says of an option. */
interface Entry {
  readonly option: Option;
  readonly commands: readonly string[];
}

/** Each command with the options of its own, then those of several. */
function commands(all: readonly Command[]): string {
  const entries = new Map<string, Entry>();
  for (const command of all) {
    for (const option of command.createHelp().visibleOptions(command)) {
      const key = `${option.flags} ${option.description}`;
      const known = entries.get(key)?.commands ?? [];
      entries.set(key, { option, commands: [...known, command.name()] });
    }
  }
  const options = [...entries.values()];
  const own = all.map((command) => {
    const alias = command.aliases().map((name) => `Also called ${name}.`);
    const about = [`.SS udpcp ${roff(command.name())} ${roff(command.usage())}`, roff(sentence(command.description()))];
    const arguments_ = command.registeredArguments.map((one) => tagged(one.name(), one.description));
    const mine = options.filter((entry) => entry.commands.length === 1 && entry.commands[0] === command.name());
    return [...about, ...alias, ...arguments_, ...byHeading(mine, () => '')].join('\n');
  });
  const shared = options.filter((entry) => entry.commands.length > 1);
  const common = byHeading(shared, (entry) =>
    entry.commands.length === all.length ? '' : ` (${entry.commands.join(', ')})`,
  );
  return ['.SH COMMANDS', ...own, '.SH OPTIONS OF SEVERAL COMMANDS', ...common].join('\n');
}

/** Options in the order of their first headings; those without one come first. */
function byHeading(entries: readonly Entry[], note: (entry: Entry) => string): string[] {
  const headings = [...new Set(entries.map(({ option }) => option.helpGroupHeading ?? ''))].sort((a, b) =>
    a === '' ? -1 : Number(b === ''),
  );
  return headings.flatMap((heading) => [
    ...(heading === '' ? [] : ['.PP', roff(heading)]),
    ...entries
      .filter(({ option }) => (option.helpGroupHeading ?? '') === heading)
      .map((entry) => tagged(entry.option.flags, entry.option.description + note(entry))),
  ]);
}

/** Every variable, in one paragraph. */
function variables(all: readonly Command[]): string {
  const bound = all.flatMap(({ options }) => options.filter(({ envVar }) => envVar !== undefined));
  const names = [...new Set(bound.flatMap((option) => variableOf(option) ?? []))].sort();
  return `.PP\nThese stand for options: ${roff(names.join(', '))}.`;
}

function sentence(text: string): string {
  return `${text.charAt(0).toUpperCase()}${text.slice(1)}.`;
}
