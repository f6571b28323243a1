import { execFileSync, spawnSync } from 'node:child_process';
import { type StartOptions, UDPCP } from './processes.ts';

/** Whether this test may make network namespaces, which are machines of their own as far as networks go. Linux and root only. */
export const canMakeMachines = process.getuid?.() === 0 && spawnSync('ip', ['netns', 'list']).status === 0;

/** A name of a machine that no other test process has. */
export const machineName = (suffix: string): string => `udpcp-test-${process.pid}-${suffix}`;

/** The system's `ip` command. */
export const ip = (...args: readonly string[]): string => execFileSync('ip', args, { encoding: 'utf8' });

/** Runs a command on a machine. */
export const on = (machine: string, ...command: readonly string[]): string => ip('netns', 'exec', machine, ...command);

/** Starts udpcp there. */
export const running = (machine: string): StartOptions => ({
  command: ['ip', 'netns', 'exec', machine, process.execPath, UDPCP],
});
