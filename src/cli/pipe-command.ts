import { Command, Option } from 'commander';
import type { ExitCode } from './exit-codes.ts';
import { addChannelOptions } from './options/channel-options.ts';
import { addSecurityOptions } from './options/security-options.ts';
import { addSessionOptions } from './options/session-options.ts';
import { collectNetworks, once, parseListen } from './options/values.ts';
import type { PipeCommandOptions } from './pipe-action.ts';

/** `udpcp pipe HOST[:PORT]` and `udpcp pipe --listen PORT`; tells its exit code to `exit`. */
export function createPipeCommand(exit: (code: ExitCode) => void): Command {
  const output = (flag: string, help: string): Option => new Option(flag, help).helpGroup('Output:');
  const command = new Command('pipe')
    .description('join stdin and stdout to those of a pipe elsewhere, both ways')
    .argument('[host]', 'HOST, HOST:PORT or [IPv6]:PORT of the pipe that listens (port 9000 unless given)')
    .usage('[options] (<host[:port]> | --listen <port>)')
    .option('--listen <[address:]port>', 'wait for one caller; port 0 takes any free one', once(parseListen))
    .option('--allow <network>', 'only callers from here, like 192.0.2.0/24; may be repeated', collectNetworks)
    .addOption(output('-q, --quiet', 'errors only'))
    .addOption(output('-v, --verbose', 'say more about the session'));
  addSecurityOptions(command, 'pipe');
  addSessionOptions(command, 'pipe');
  addChannelOptions(command);
  return command.action(async (host: string | undefined, options: PipeCommandOptions) => {
    const { pipe } = await import('./pipe-action.ts'); // not before it is needed: it is most of udpcp
    exit(await pipe(host, options));
  });
}
