import { createHash } from 'node:crypto';
import { lstat, readdir, readFile, readlink } from 'node:fs/promises';
import { join } from 'node:path';
import { type FileStore, openStore, type StoreOptions } from '../../src/store/file-store.ts';
import { type GatherOptions, gather } from '../../src/store/outgoing/outgoing-tree.ts';
import type { OutgoingEntry } from '../../src/transfer/ports.ts';
import { ReceivingTransfer } from '../../src/transfer/receiving.ts';
import { SendingTransfer } from '../../src/transfer/sending.ts';
import { BytePipe } from '../transfer/byte-pipe.ts';
import { codeName, SOMEBODY, text } from './drive.ts';

/** Sends entries into a store, both machines in this process: `path: code text` for each that was not simply stored. */
export async function sendEntries(entries: readonly OutgoingEntry[], into: FileStore): Promise<string[]> {
  const shape = { window: 1024 * 1024, slices: [65_000] };
  const pipe = new BytePipe(shape, shape);
  const sending = new SendingTransfer(entries, pipe.sender, pipe.touchSender);
  const receiving = new ReceivingTransfer(into, pipe.receiver, pipe.touchReceiver, SOMEBODY);
  while (sending.state === 'running' || receiving.state === 'running') {
    pipe.touched.sender = pipe.touched.receiver = false;
    sending.step();
    receiving.step();
    const moved = [pipe.toReceiver.deliver(), pipe.toSender.deliver()].includes(true);
    if (!moved && !pipe.touched.sender && !pipe.touched.receiver) {
      await new Promise((resolve) => setImmediate(resolve));
    }
  }
  into.over(SOMEBODY, true);
  return entries.flatMap(({ offer }, i) => {
    const outcome = sending.outcomes[i];
    const words = `${codeName(outcome?.code ?? -1)} ${outcome === undefined ? '' : text(outcome.text)}`.trim();
    return words === 'ok' ? [] : [`${offer.path.map(text).join('/')}: ${words}`];
  });
}

/** Sends what is named into a directory; the words of `sendEntries`. */
export async function sendPaths(
  paths: readonly string[],
  out: string,
  options: GatherOptions = {},
  storeOptions: StoreOptions = {},
): Promise<string[]> {
  const { entries } = await gather(paths, options);
  const into = await openStore(out, storeOptions);
  try {
    return await sendEntries(entries, into);
  } finally {
    await into.close();
  }
}

/** Everything in a directory, one line each: what it is, and all that a copy with `preserve` keeps of it. */
export async function listTree(directory: string, prefix = ''): Promise<string[]> {
  const lines: string[] = [];
  for (const name of (await readdir(directory)).sort()) {
    const path = join(directory, name);
    const stat = await lstat(path, { bigint: true });
    const kept = `${(stat.mode & 0o7777n).toString(8)} ${Math.floor(Number(stat.mtimeNs / 1000n) / 1000)}`;
    if (stat.isSymbolicLink()) lines.push(`${prefix}${name} -> ${await readlink(path)}`);
    else if (stat.isDirectory())
      lines.push(`${prefix}${name}/ ${kept}`, ...(await listTree(path, `${prefix}${name}/`)));
    else lines.push(`${prefix}${name} ${stat.size} ${kept} ${await digestOf(path)}`);
  }
  return lines;
}

const digestOf = async (path: string): Promise<string> =>
  createHash('sha256')
    .update(await readFile(path))
    .digest('hex');
