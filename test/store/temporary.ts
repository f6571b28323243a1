import { mkdtemp, readdir, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { onTestFinished } from 'vitest';

/** A new empty directory, removed after the test. */
export async function temporaryDirectory(): Promise<string> {
  const path = await mkdtemp(join(tmpdir(), 'udpcp-test-'));
  onTestFinished(() => rm(path, { recursive: true, force: true }));
  return path;
}

/** File descriptors of this process that lead into `directory`; undefined where the system does not tell. */
export async function openInside(directory: string): Promise<string[] | undefined> {
  if (process.platform !== 'linux') return undefined;
  const { readlink } = await import('node:fs/promises');
  const links = await readdir('/proc/self/fd');
  const targets = await Promise.all(links.map((link) => readlink(`/proc/self/fd/${link}`).catch(() => '')));
  return targets.filter((target) => target.startsWith(directory));
}
