import { Command, InvalidArgumentError } from 'commander';
import { describe, expect, test } from 'vitest';
import { errorLine, exitCodeOf } from '../../src/cli/errors.ts';
import { UdpcpError, type UdpcpErrorCode } from '../../src/errors.ts';

const CODES: Record<UdpcpErrorCode, number> = {
  ERR_USAGE: 2,
  ERR_BIND: 2,
  ERR_REFUSED: 3,
  ERR_AUTHENTICATION: 3,
  ERR_RESOLVE: 4,
  ERR_CONNECT_TIMEOUT: 4,
  ERR_UNREACHABLE: 4,
  ERR_IDLE_TIMEOUT: 4,
  ERR_NO_PROGRESS: 4,
  ERR_PEER_CLOSED: 4,
  ERR_PROTOCOL: 4,
  ERR_LOCAL_FILE: 5,
  ERR_LOCAL_STORE: 6,
  ERR_REMOTE_STORE: 6,
  ERR_INTEGRITY: 7,
  ERR_PARTIAL: 8,
  ERR_CANCELLED: 130,
};

describe('exitCodeOf()', () => {
  test.each(Object.entries(CODES))('%s ends with %d', (code, exit) => {
    expect(exitCodeOf(new UdpcpError(code as UdpcpErrorCode, 'x'))).toBe(exit);
  });

  test.each([
    ['an unknown option', ['--nope'], 2],
    ['a bad value', ['--loss', '5'], 2],
    ['an operand too many', ['x'], 2],
    ['help', ['--help'], 0],
    ['the version', ['--version'], 0],
  ])('%s on the command line ends with the right code', (_, args, exit) => {
    expect(exitCodeOf(failureOf(args))).toBe(exit);
  });

  test.each([[new TypeError('x is not a function')], ['text'], [undefined], [null], [{ code: 'ERR_USAGE' }]])(
    'anything unforeseen is a bug: %s',
    (error) => {
      expect(exitCodeOf(error)).toBe(70);
    },
  );
});

describe('errorLine()', () => {
  test.each([
    ['an error of ours', new UdpcpError('ERR_BIND', 'port 9000 is in use'), 'udpcp: port 9000 is in use'],
    ['text that a peer slipped in', new UdpcpError('ERR_REFUSED', 'a\n\x1b[2J'), 'udpcp: a\\u{a}\\u{1b}[2J'],
    ['a bug', new TypeError('x is not a function'), 'udpcp: bug: x is not a function'],
    ['what is no error', 'oops', 'udpcp: bug: oops'],
  ])('%s is one printable line', (_, error, line) => {
    expect(errorLine(error)).toBe(line);
  });

  test("commander's suggestion stays on the line", () => {
    expect(errorLine(failureOf(['--los', '5']))).toBe("udpcp: unknown option '--los' (Did you mean --loss?)");
  });

  test("commander's own prefix does not show", () => {
    expect(errorLine(failureOf(['--loss', '5']))).toBe("udpcp: option '--loss <p>' argument '5' is invalid. Did you?");
  });
});

function failureOf(args: readonly string[]): unknown {
  const silent = { writeOut() {}, writeErr() {} };
  const command = new Command('udpcp').version('1.0.0').exitOverride().configureOutput(silent);
  command.option('--loss <p>', '', () => {
    throw new InvalidArgumentError('Did you?');
  });
  try {
    command.action(() => {}).parse(args, { from: 'user' });
    return undefined;
  } catch (error) {
    return error;
  }
}
