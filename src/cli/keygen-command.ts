import { Command, Option } from 'commander';
import { EXIT, type ExitCode } from './exit-codes.ts';
import type { KeygenOptions } from './keygen-action.ts';
import { once, parsePath } from './options/values.ts';

/** `udpcp keygen`; tells its exit code to `exit`. */
export function createKeygenCommand(exit: (code: ExitCode) => void): Command {
  const file = (flags: string, help: string): Option => new Option(flags, help).argParser(once(parsePath));
  return new Command('keygen')
    .description('make a key that both sides share, or an identity for a receiver')
    .addOption(
      file(
        '--key-file <file>',
        'write a shared key into this new file, for your eyes only (default: stdout)',
      ).conflicts('identity'),
    )
    .addOption(
      file('--identity <file>', "make this file if there is none; print the public key for senders' --peer-key"),
    )
    .action(async (options: KeygenOptions) => {
      const { keygen } = await import('./keygen-action.ts'); // not before it is needed: cryptography takes time to load
      await keygen(options);
      exit(EXIT.ok);
    });
}
