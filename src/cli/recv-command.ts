import { Command, Option } from 'commander';
import type { ExitCode } from './exit-codes.ts';
import { addChannelOptions } from './options/channel-options.ts';
import { addSecurityOptions } from './options/security-options.ts';
import { addSessionOptions } from './options/session-options.ts';
import {
  collectNetworks,
  once,
  parseAddress,
  parseAge,
  parseLimit,
  parsePath,
  parsePort,
  parseSize,
} from './options/values.ts';
import type { RecvCommandOptions } from './recv-action.ts';

/** `udpcp recv --out DIR`; tells its exit code to `exit`. */
export function createRecvCommand(exit: (code: ExitCode) => void): Command {
  const existing = (flag: string, help: string, others: string[]): Option =>
    new Option(flag, help).conflicts(others).helpGroup('When a name exists (it is refused otherwise):');
  const group = (heading: string) => (flag: string, help: string) => new Option(flag, help).helpGroup(heading);
  const limit = group('Who may come, and with what:');
  const safety = group('Resuming and safety:');
  const partials = group('Instead of receiving:');
  const output = group('Output:');
  const command = new Command('recv')
    .alias('receive')
    .description('receive files into a directory, until stopped')
    .usage('[options] --out <dir>')
    .requiredOption(
      '--out <dir>',
      'where files go, made if only its last part is missing; or - for one file to stdout',
      once(parsePath),
    )
    .option('--port <n>', 'UDP port; 0 takes any free one (default 9000)', once(parsePort))
    .option('--bind <address>', 'listen on this address of this machine only', once(parseAddress))
    .option('--once', 'end after the first transfer of which nothing failed')
    .addOption(existing('--overwrite', 'replace regular files and links', ['rename', 'skipExisting']))
    .addOption(existing('--rename', "store it as 'name (1).ext'", ['overwrite', 'skipExisting']))
    .addOption(existing('--skip-existing', 'leave it, and let the sender succeed', ['overwrite', 'rename']))
    .addOption(
      limit('--allow <network>', 'only senders from here, like 192.0.2.0/24; may be repeated').argParser(
        collectNetworks,
      ),
    )
    .addOption(limit('--max-sessions <n>', 'serve so many senders at once (default 256)').argParser(once(parseLimit)))
    .addOption(limit('--max-size <size>', 'refuse larger files (10M, 4Gi)').argParser(once(parseSize)))
    .addOption(
      limit('--max-files <n>', 'take so many files, directories and links in all, then refuse').argParser(
        once(parseLimit),
      ),
    )
    .addOption(limit('--allow-hidden', 'take names that begin with a dot, also into directories that exist'))
    .addOption(safety('--no-resume', 'keep nothing of interrupted transfers, and go on with none'))
    .addOption(
      safety(
        '--keep-partials <age>',
        'remove what interrupted transfers left so long ago, when it starts and when room is short (default 7d)',
      ).argParser(once(parseAge)),
    )
    .addOption(
      safety('--no-fsync', 'faster, but a crash of this machine may lose files that senders were told are stored'),
    )
    .addOption(partials('--list-partials', 'show what interrupted transfers left in --out, and end'))
    .addOption(
      partials('--purge-partials <age>', 'remove those not written to for so long (7d, 12h, 0s), and end')
        .argParser(once(parseAge))
        .conflicts('listPartials'),
    )
    .addOption(output('-q, --quiet', 'no progress, errors only'))
    .addOption(output('-v, --verbose', 'say more about each transfer'))
    .addOption(output('--json', 'with --once: print one JSON result on stdout').conflicts('jsonl'))
    .addOption(output('--jsonl', 'print JSON events on stdout, one a line, as they come about'))
    .addOption(
      output('--receipt <file>', 'add a line to this file for each transfer that stored something').argParser(
        once(parsePath),
      ),
    )
    .addOption(
      output(
        '--metrics <port>',
        'numbers and a live page at this TCP port, for this machine alone; 0: any free',
      ).argParser(once(parsePort)),
    );
  addSecurityOptions(command, 'recv');
  addSessionOptions(command, 'recv');
  addChannelOptions(command);
  return command.action(async (options: RecvCommandOptions) => {
    if (options.listPartials || options.purgePartials !== undefined) {
      const { partials } = await import('./partials-action.ts');
      return exit(await partials(options));
    }
    // Not before it is needed: it is most of udpcp.
    if (options.out === '-') exit(await (await import('./recv-stream-action.ts')).receiveToStdout(options));
    else exit(await (await import('./recv-action.ts')).receive(options));
  });
}
