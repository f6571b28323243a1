import { fstatSync, type Stats } from 'node:fs';
import { isatty } from 'node:tty';
import { UdpcpError } from '../errors.ts';
import { errorWords } from '../store/failure.ts';
import type { NamedStream } from '../store/outgoing/stream-source.ts';

const STDIN = 0;

/**
 * What `-` among the files to send stands for. Throws UdpcpError: ERR_USAGE without a name or beside other files,
 * ERR_LOCAL_FILE when there is nothing to read.
 */
export function standardInput(paths: readonly string[], name: string | undefined): NamedStream {
  if (paths.length > 1)
    throw new UdpcpError('ERR_USAGE', '- (stdin) is sent alone: send the files by a command of their own');
  if (name === undefined)
    throw new UdpcpError('ERR_USAGE', 'stdin has no name: say which one the receiver gets, like - --as backup.tar');
  const reason = unfit(look());
  if (reason !== undefined) throw new UdpcpError('ERR_LOCAL_FILE', `cannot send stdin: ${reason}`);
  return { name, stream: process.stdin };
}

function look(): Stats {
  try {
    return fstatSync(STDIN);
  } catch (error) {
    throw new UdpcpError('ERR_LOCAL_FILE', `cannot send stdin: ${errorWords(error)}`, { cause: error });
  }
}

/** Node opens /dev/null in place of a stdin that is closed: nothing tells the two apart, and neither was meant. */
function unfit(stat: Stats): string | undefined {
  if (stat.isDirectory()) return 'it is a directory';
  if (!stat.isCharacterDevice() || isatty(STDIN)) return undefined;
  return 'it is closed, or a device like /dev/null; pipe something into it, like: tar c . | udpcp send - --as x.tar HOST';
}
