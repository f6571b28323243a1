import { CommanderError } from 'commander';
import { UdpcpError, type UdpcpErrorCode } from '../errors.ts';
import { printable } from '../printable.ts';
import { EXIT, type ExitCode } from './exit-codes.ts';

const EXIT_OF: Record<UdpcpErrorCode, ExitCode> = {
  ERR_USAGE: EXIT.usage,
  ERR_BIND: EXIT.usage,
  ERR_RESOLVE: EXIT.unreachable,
  ERR_REFUSED: EXIT.refused,
  ERR_AUTHENTICATION: EXIT.refused,
  ERR_CONNECT_TIMEOUT: EXIT.unreachable,
  ERR_UNREACHABLE: EXIT.unreachable,
  ERR_IDLE_TIMEOUT: EXIT.unreachable,
  ERR_NO_PROGRESS: EXIT.unreachable,
  ERR_PEER_CLOSED: EXIT.unreachable,
  ERR_PROTOCOL: EXIT.unreachable,
  ERR_LOCAL_FILE: EXIT.source,
  ERR_LOCAL_STORE: EXIT.store,
  ERR_REMOTE_STORE: EXIT.store,
  ERR_INTEGRITY: EXIT.integrity,
  ERR_PARTIAL: EXIT.partial,
  ERR_CANCELLED: EXIT.interrupt,
};

/** Nothing can be loaded or opened any more; where that is foreseen it is told in other words. */
function isOutOfDescriptors(error: unknown): boolean {
  return error instanceof Error && 'code' in error && (error.code === 'EMFILE' || error.code === 'ENFILE');
}

/** The exit code for anything that was thrown; what nobody foresaw is a bug. */
export function exitCodeOf(error: unknown): ExitCode {
  if (error instanceof UdpcpError) return EXIT_OF[error.code];
  // Commander also throws after printing help or the version, with exit code 0.
  if (error instanceof CommanderError) return error.exitCode === 0 ? EXIT.ok : EXIT.usage;
  return isOutOfDescriptors(error) ? EXIT.usage : EXIT.bug;
}

/** One line for stderr, `udpcp: ...`, whatever was thrown and whatever text is in it. */
export function errorLine(error: unknown): string {
  if (isOutOfDescriptors(error))
    return 'udpcp: too few files may be open at once: raise the limit, as by `ulimit -n 256`';
  const said = error instanceof Error ? error.message : String(error);
  const message = error instanceof CommanderError ? said.replaceAll('\n', ' ') : said; // its suggestions are a second line
  const text = printable(message.replace(/^error: /, '').trim()); // commander's own prefix
  return exitCodeOf(error) === EXIT.bug ? `udpcp: bug: ${text}` : `udpcp: ${text}`;
}
