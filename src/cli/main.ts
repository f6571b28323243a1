import { readFileSync } from 'node:fs';
import { Command, CommanderError } from 'commander';
import { errorLine, exitCodeOf } from './errors.ts';
import { EXIT, type ExitCode, exitCodesHelp } from './exit-codes.ts';
import { createKeygenCommand } from './keygen-command.ts';
import { createRecvCommand } from './recv-command.ts';
import { createSendCommand } from './send-command.ts';

const EXAMPLES = `
Examples:
  udpcp recv --out inbox                          receive files into ./inbox on UDP port 9000
  udpcp send photo.jpg notes.txt host.example     send two files there
  udpcp send -p project host.example              send a directory, with times and permission bits
  udpcp send big.iso [2001:db8::7]:9001           to another port, over IPv6
  udpcp keygen --key-file key                     then give --key-file key on both sides: nobody else gets in
  udpcp send photo.jpg localhost --loss 20% --arq go-back-n   try a protocol on a bad network
`;

/** Runs the command line; resolves with the exit code. Never rejects. */
export async function main(args: readonly string[]): Promise<ExitCode> {
  tolerateLostOutput();
  let exitCode: ExitCode = EXIT.ok;
  const program = createProgram((code) => {
    exitCode = code;
  });
  try {
    await program.parseAsync(args, { from: 'user' });
    return exitCode;
  } catch (error) {
    // Commander has printed help and version itself; help that nobody asked for is a usage error.
    const isPrinted =
      error instanceof CommanderError &&
      ['commander.help', 'commander.helpDisplayed', 'commander.version'].includes(error.code);
    if (!isPrinted) process.stderr.write(`${errorLine(error)}\n`);
    return exitCodeOf(error);
  }
}

function createProgram(exit: (code: ExitCode) => void): Command {
  const program = new Command('udpcp')
    .description('reliable file transfer over UDP')
    .version(packageVersion(), '-V, --version')
    .showSuggestionAfterError()
    .configureHelp({ subcommandTerm: (command) => `${command.name()} ${command.usage()}` })
    .addHelpText('after', () => `${EXAMPLES}\n${exitCodesHelp()}`);
  for (const command of [createSendCommand(exit), createRecvCommand(exit), createKeygenCommand(exit)])
    program.addCommand(command);
  for (const command of [program, ...program.commands]) {
    command.exitOverride().configureOutput({ outputError: () => {} });
  }
  return program;
}

/** From now on a closed or full stdout or stderr loses words, and nothing else. */
function tolerateLostOutput(): void {
  for (const stream of [process.stdout, process.stderr]) stream.on('error', () => {});
}

function packageVersion(): string {
  const { version } = JSON.parse(readFileSync(new URL('../../package.json', import.meta.url), 'utf8')) as {
    version: string;
  };
  return version;
}
