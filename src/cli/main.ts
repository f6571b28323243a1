import { CommanderError } from 'commander';
import { printable } from '../printable.ts';
import { errorLine, exitCodeOf } from './errors.ts';
import { EXIT, type ExitCode } from './exit-codes.ts';
import { failureLines, formatOf } from './json/json-lines.ts';
import { unknownVariables } from './options/variables.ts';
import { createProgram, namesIn } from './program.ts';

/** Runs the command line; resolves with the exit code. Never rejects. */
export async function main(args: readonly string[]): Promise<ExitCode> {
  tolerateLostOutput();
  let exitCode: ExitCode = EXIT.ok;
  const exit = (code: ExitCode): void => {
    exitCode = code;
  };
  const program = createProgram(exit, namesIn(args));
  const format = formatOf(args);
  const command = program.commands.find((one) => [one.name(), ...one.aliases()].includes(args[0] ?? ''));
  const warn = (): void => {
    for (const name of unknownVariables(() => createProgram(exit).commands, process.env))
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
