import { Command, CommanderError, Help } from 'commander';
import { printable } from '../printable.ts';
import { createCompletionCommand } from './completion/completion-command.ts';
import { errorLine, exitCodeOf } from './errors.ts';
import { EXAMPLES, examplesHelp, examplesOf } from './examples.ts';
import { EXIT, type ExitCode, exitCodesHelp } from './exit-codes.ts';
import { failureLines, formatOf } from './json/json-lines.ts';
import { createKeygenCommand } from './keygen-command.ts';
import { readVariables, unknownVariables } from './options/variables.ts';
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

/** Runs the command line; resolves with the exit code. Never rejects. */
export async function main(args: readonly string[]): Promise<ExitCode> {
  tolerateLostOutput();
  let exitCode: ExitCode = EXIT.ok;
  const program = createProgram((code) => {
    exitCode = code;
  });
  const format = formatOf(args);
  const command = program.commands.find((one) => [one.name(), ...one.aliases()].includes(args[0] ?? ''));
  const warn = (): void => {
    for (const name of unknownVariables(program.commands, process.env))
      process.stderr.write(`udpcp: warning: there is no variable ${printable(name)}\n`);
  };
  program.hook('preAction', (_, action) => {
    const { quiet } = action.opts();
    if (!quiet) warn();
  });
  try {
    await program.parseAsync(args, { from: 'user' });
    return exitCode;
  } catch (error) {
    // Commander has printed help and version itself; help that nobody asked for is a usage error.
    const isPrinted =
      error instanceof CommanderError &&
      ['commander.help', 'commander.helpDisplayed', 'commander.version'].includes(error.code);
    if (!isPrinted) {
      if (error instanceof CommanderError) warn(); // perhaps a misspelt one is why something is missing
      process.stderr.write(`${errorLine(error)}\n`);
    }
    exitCode = exitCodeOf(error);
    if (!isPrinted && format !== undefined) {
      process.stdout.write(failureLines(format, command?.name() ?? null, error, exitCode));
    }
    return exitCode;
  } finally {
    if (format !== undefined) await taken(process.stdout);
  }
}

/** Every command, with all its options. */
export function createProgram(exit: (code: ExitCode) => void): Command {
  const program = new Command('udpcp')
    .description('reliable file transfer over UDP')
    .version(packageVersion(), '-V, --version', 'show the version')
    .helpCommand('help [command]', 'show the help of a command')
    .showSuggestionAfterError()
    .addHelpText('after', () => `\n${exitCodesHelp()}\n${examplesHelp(EXAMPLES)}`);
  const transferring = [createSendCommand(exit), createRecvCommand(exit), createPipeCommand(exit)];
  for (const command of transferring) command.addHelpText('after', VARIABLES);
  readVariables(transferring, process.env);
  for (const command of [...transferring, createKeygenCommand(exit), createCompletionCommand(exit)])
    program.addCommand(command);
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

/** From now on a closed or full stdout or stderr loses words, and nothing else. */
function tolerateLostOutput(): void {
  for (const stream of [process.stdout, process.stderr]) stream.on('error', () => {});
}

/** Resolves when everything was taken, or nobody will take it any more. */
function taken(stream: NodeJS.WriteStream): Promise<void> {
  return new Promise((resolve) => {
    stream.once('close', resolve);
    stream.write('', () => resolve());
  });
}
