import { Argument, Command } from 'commander';
import { EXIT, type ExitCode } from '../exit-codes.ts';

const SHELLS = ['bash', 'zsh', 'fish'] as const;

/** `udpcp completion SHELL`; tells its exit code to `exit`. */
export function createCompletionCommand(exit: (code: ExitCode) => void): Command {
  return new Command('completion')
    .description('print a script that lets a shell complete udpcp commands')
    .addArgument(new Argument('<shell>', 'bash, zsh or fish').choices(SHELLS))
    .action(async (shell: (typeof SHELLS)[number], _, command: Command) => {
      const { completionScript } = await import('./completion.ts'); // not before it is needed
      if (command.parent !== null) process.stdout.write(completionScript(shell, command.parent));
      exit(EXIT.ok);
    });
}
