import { createHash } from 'node:crypto';
import { readFile } from 'node:fs/promises';
import { errorName } from '../failure.ts';

/** One process among all that ever had its number. */
export interface ProcessIdentity {
  readonly pid: number;
  /** When it was started, in the system's own units; `-` where the system does not tell. */
  readonly start: string;
  /** This run of the machine; `-` where the system does not tell. */
  readonly boot: string;
}

const UNKNOWN = '-';

/** Field 22 of /proc/PID/stat, counted behind the command's name, which may contain anything. */
async function startOf(pid: number): Promise<string> {
  const stat = await readFile(`/proc/${pid}/stat`, 'latin1').catch(() => '');
  const start = stat.slice(stat.lastIndexOf(')') + 2).split(' ')[19] ?? '';
  return /^\d+$/.test(start) ? start : UNKNOWN;
}

async function identify(pid: number): Promise<ProcessIdentity> {
  const boot = await readFile('/proc/sys/kernel/random/boot_id', 'latin1').catch(() => '');
  return { pid, start: await startOf(pid), boot: /^[0-9a-f-]+$/.exec(boot.trim())?.[0] ?? UNKNOWN };
}

let self: Promise<ProcessIdentity> | undefined;

export function thisProcess(): Promise<ProcessIdentity> {
  self ??= identify(process.pid);
  return self;
}

/** Whether a process with this number runs, and is the one meant. */
export async function isRunning(pid: number, isMeant: (there: ProcessIdentity) => boolean): Promise<boolean> {
  try {
    process.kill(pid, 0);
  } catch (error) {
    if (errorName(error) !== 'EPERM') return false; // it is there, and somebody else's
  }
  return isMeant(await identify(pid));
}

/** A process without its number, in eight characters. */
export function incarnationOf({ start, boot }: ProcessIdentity): string {
  return createHash('sha256').update(`${boot} ${start}`).digest('hex').slice(0, 8);
}
