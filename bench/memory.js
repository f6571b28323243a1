import { rm } from 'node:fs/promises';
import { join } from 'node:path';
import { copyByUdpcp } from './copies.js';
import { mebibytes, percent, seconds, size as sizeOf, table } from './table.js';
import { compare, createSparseFile, createWorkspace } from './workspace.js';

const DEFAULT_SIZE = 2 * 2 ** 30;
/** How much smaller the file is that crosses the bad link. */
const LINK_SHARE = 32;

const CASES = [
  { name: 'loopback', share: 1, options: [] },
  // Each side does this to what it sends, so it happens both ways.
  {
    name: 'loss 5 %, 100 ms round trip',
    share: LINK_SHARE,
    options: ['--cc', 'bbr', '--loss-out', '5%', '--delay-out', '50ms'],
  },
];

async function run({ size = DEFAULT_SIZE, note }) {
  const { directory, inbox } = createWorkspace();
  const source = join(directory, 'source');
  const target = join(inbox, 'source');
  const results = [];
  for (const { name, share, options } of CASES) {
    const bytes = Math.ceil(size / share);
    note(`memory: ${name}, ${sizeOf(bytes)}`);
    createSparseFile(source, bytes);
    const { wall, sender, receiver } = await copyByUdpcp(source, target, options);
    await compare(source, target);
    await rm(target);
    results.push({ name, size: bytes, wall, sender: sender.peak, receiver: receiver.peak });
  }
  return { ok: true, cases: results };
}

function report({ cases }) {
  const rows = cases.map(({ name, size, wall, sender, receiver }) => [
    name,
    percent(sender / size),
    percent(receiver / size),
    sizeOf(size),
    mebibytes(sender),
    mebibytes(receiver),
    seconds(wall),
  ]);
  return `Peak memory of each process, relative to the file and absolute. On a bad link a process also holds what its own
channel delays.

${table(['', 'sender', 'receiver', 'file', 'sender', 'receiver', 'time'], rows)}`;
}

/** Peak memory of both sides. */
export const memory = { summary: 'peak memory of both sides, for a large file and over a bad link', run, report };
