import { Command, Help } from 'commander';
import { createCompletionCommand } from './completion/completion-command.ts';
import { EXAMPLES, examplesHelp, examplesOf } from './examples.ts';
import { type ExitCode, exitCodesHelp } from './exit-codes.ts';
import { createKeygenCommand } from './keygen-command.ts';
import { readVariables } from './options/variables.ts';
import { createPipeCommand } from './pipe-command.ts';
import { createRecvCommand } from './recv-command.ts';
import { createSendCommand } from './send-command.ts';
import { packageVersion } from './version.ts';

const VARIABLES = `
Variables: UDPCP_IDLE_TIMEOUT stands for --idle-timeout, and so on for every option that is not of a single run; flags win.`;

/** Commands with their operands; nothing said twice: one line says how variables are named, descriptions list choices. */
const HELP: Partial<Help> = {
  subcommandTerm: (command) => `${command.name()} ${command.usage()}`,
  argumentDescription: ({ description }) => description,
  optionDescription: (option) =>
    Help.prototype.optionDescription(Object.assign(Object.create(option), { envVar: undefined })),
};

type Create = (exit: (code: ExitCode) => void) => Command;

/** Commands whose options variables stand for. */
const TRANSFERRING: Readonly<Record<string, Create>> = {
  send: createSendCommand,
  recv: createRecvCommand,
  pipe: createPipeCommand,
};

const COMMANDS: Readonly<Record<string, Create>> = {
  ...TRANSFERRING,
  keygen: createKeygenCommand,
  completion: createCompletionCommand,
};

const NAMES = Object.keys(COMMANDS);

/** The commands that an invocation needs: to make those of all takes a quarter as long as the start of Node. */
export function namesIn([first = '']: readonly string[]): readonly string[] {
  if (first === '-V' || first === '--version') return [];
  if (first === 'receive') return ['recv'];
  return Object.hasOwn(TRANSFERRING, first) ? [first] : NAMES;
}

/** The program with these commands, all unless told, and all their options. */
export function createProgram(exit: (code: ExitCode) => void, names: readonly string[] = NAMES): Command {
  const program = new Command('udpcp')
    .description('reliable file transfer over UDP')
    .version(packageVersion(), '-V, --version', 'show the version')
    .helpCommand('help [command]', 'show the help of a command')
    .showSuggestionAfterError()
    .addHelpText('after', () => `\n${exitCodesHelp()}\n${examplesHelp(EXAMPLES)}`);
  for (const [name, create] of Object.entries(COMMANDS)) {
    if (!names.includes(name)) continue;
    const command = create(exit);
    if (name in TRANSFERRING) readVariables(command.addHelpText('after', VARIABLES), process.env);
    program.addCommand(command);
  }
  for (const command of [program, ...program.commands]) {
    command
      .helpOption('-h, --help', 'show this help')
      .addHelpText('after', () => examplesOf(command.name()))
      .exitOverride()
      .configureOutput({ outputError: () => {} })
      .configureHelp(HELP);
  }
  return program;
}
