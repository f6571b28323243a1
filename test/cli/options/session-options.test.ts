import { Command } from 'commander';
import { describe, expect, test } from 'vitest';
import { addSessionOptions, sessionChoices } from '../../../src/cli/options/session-options.ts';

function choicesOf(line: string, side: 'send' | 'recv' = 'send') {
  const command = new Command()
    .exitOverride()
    .configureOutput({ outputError: () => {} })
    .action(() => {});
  addSessionOptions(command, side).parse(line.split(' ').filter(Boolean), { from: 'user' });
  return sessionChoices(command.opts());
}

describe('sessionChoices()', () => {
  test.each([
    ['', {}],
    ['--arq gbn --window 16', { arq: 'go-back-n', window: 16 }],
    ['--arq sw', { arq: 'stop-and-wait' }],
    ['--arq sw --window 1', { arq: 'stop-and-wait', window: 1 }],
    ['--cc fixed', { congestion: 'fixed' }],
    ['--rate 20M', { maxRate: 2500 }],
    ['--rate 2.5MB --mtu 1500', { maxRate: 2500 }], // the datagram size is not the session's alone
    // Bare numbers are seconds here.
    ['--idle-timeout 5 --connect-timeout 500ms', { idleTimeout: 5000, connectTimeout: 500 }],
  ])('send %s', (line, choices) => {
    expect(choicesOf(line)).toEqual(choices);
  });

  test.each([
    '--arq foo',
    '--window 0',
    '--idle-timeout 999ms',
    '--idle-timeout 25h',
    '--connect-timeout 99ms',
    '--rate 0',
    '--mtu 1227',
    '--mtu 65536',
    '--mtu 1.5k',
    '--arq sw --window 2',
  ])('send %s is refused', (line) => {
    expect(() => choicesOf(line)).toThrow();
  });

  test.each(['--arq sr', '--connect-timeout 5s'])('recv does not take %s, which is for the side that calls', (line) => {
    expect(() => choicesOf(line, 'recv')).toThrow('unknown option');
  });
});
