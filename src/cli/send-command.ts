import { Command, Option } from 'commander';
import type { ExitCode } from './exit-codes.ts';
import { addChannelOptions } from './options/channel-options.ts';
import { addSecurityOptions } from './options/security-options.ts';
import { addSessionOptions } from './options/session-options.ts';
import { collectGlobs, once, parseDuration, parsePath } from './options/values.ts';
import type { SendCommandOptions } from './send-action.ts';

/** `udpcp send FILE... HOST[:PORT]`; tells its exit code to `exit`. */
export function createSendCommand(exit: (code: ExitCode) => void): Command {
  const inside = (flag: string, help: string): Option => new Option(flag, help).helpGroup('Inside directories:');
  const output = (flag: string, help: string): Option => new Option(flag, help).helpGroup('Output:');
  const command = new Command('send')
    .description('send files and directories to a receiver')
    .argument(
      '[file...]',
      'files and directories, or - for stdin (with --as), then HOST, HOST:PORT or [IPv6]:PORT of the receiver (port 9000 unless given)',
    )
    .usage('[options] <file...> <host[:port]>')
    .option(
      '--as <name>',
      'the name the receiver gets, for a single file or directory, or for - (stdin)',
      once(parsePath),
    )
    .option('-p, --preserve', 'keep modification times and permission bits')
    .option('--dry-run', 'list what would be sent, and send nothing')
    .option('--restart', 'send everything anew, even where the receiver could go on with an interrupted transfer')
    .option(
      '--retry-for <time>',
      'call a receiver again that was lost or is busy, for so long; 0: never (default 10m)',
      once((text) => parseDuration(text, 's')),
    )
    .addOption(
      inside('--exclude <glob>', 'leave out what matches, as in a .gitignore; may be repeated').argParser(collectGlobs),
    )
    .addOption(inside('--links', 'send symbolic links as links; they are left out otherwise').conflicts('follow'))
    .addOption(inside('--follow', 'send what symbolic links point at in their place'))
    .addOption(output('-q, --quiet', 'no progress, errors only'))
    .addOption(output('-v, --verbose', 'say more about the session'))
    .addOption(output('--json', 'print one JSON result on stdout').conflicts('jsonl'))
    .addOption(output('--jsonl', 'print JSON events on stdout, one a line, as they come about'))
    .addOption(
      output('--receipt <file>', 'write down what the receiver confirmed, in a new file').argParser(once(parsePath)),
    );
  addSecurityOptions(command, 'send');
  addSessionOptions(command, 'send');
  addChannelOptions(command);
  return command.action(async (words: string[], options: SendCommandOptions) => {
    const { send } = await import('./send-action.ts'); // not before it is needed: it is most of udpcp
    exit(await send(words, options));
  });
}
