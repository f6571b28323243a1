import { randomFillSync } from 'node:crypto';
import { once } from 'node:events';
import { createWriteStream, existsSync, mkdirSync, mkdtempSync, rmSync, truncateSync, writeFileSync } from 'node:fs';
import { open } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';

const PIECE = 2 ** 20;
/** /tmp may be memory, /var/tmp is a disk. */
const PARENT = process.env.TMPDIR ?? (existsSync('/var/tmp') ? '/var/tmp' : tmpdir());
const created = [];

/** Removes every directory that was made here. */
export function removeAll() {
  for (const directory of created.splice(0)) rmSync(directory, { recursive: true, force: true, maxRetries: 5 });
}

/** A directory on disk with an empty `inbox` in it; TMPDIR says where. */
export function createWorkspace() {
  const directory = mkdtempSync(join(PARENT, 'udpcp-bench-'));
  created.push(directory);
  const inbox = join(directory, 'inbox');
  mkdirSync(inbox);
  return { directory, inbox };
}

/** A file that does not compress. */
export async function createRandomFile(path, size) {
  const file = createWriteStream(path);
  const failed = once(file, 'close').then(() => {
    if (file.errored) throw file.errored;
  });
  for (let left = size; left > 0; left -= PIECE) {
    const piece = randomFillSync(Buffer.allocUnsafe(Math.min(left, PIECE)));
    if (!file.write(piece)) await Promise.race([once(file, 'drain'), failed]);
  }
  file.end();
  await failed;
}

/** A file of zeros that takes no room. */
export function createSparseFile(path, size) {
  writeFileSync(path, '');
  truncateSync(path, size);
}

/** Makes a file durable; milliseconds it took. */
export async function sync(path) {
  const file = await open(path, 'r+');
  const startedAt = performance.now();
  try {
    await file.sync();
  } finally {
    await file.close();
  }
  return performance.now() - startedAt;
}

/** Rejects when the two files differ. */
export async function compare(path, other) {
  const files = await Promise.all([open(path), open(other)]);
  const pieces = files.map(() => Buffer.allocUnsafeSlow(PIECE));
  try {
    for (let at = 0; ; at += PIECE) {
      const [a, b] = await Promise.all(files.map((file, index) => readAt(file, pieces[index], at)));
      if (!a.equals(b)) throw new Error(`${other} is not what was sent: it differs after byte ${at}`);
      if (a.length < PIECE) return;
    }
  } finally {
    await Promise.all(files.map((file) => file.close()));
  }
}

/** As much of the file from `at` on as fits, less only at its end. */
async function readAt(file, piece, at) {
  let filled = 0;
  while (filled < piece.length) {
    const { bytesRead } = await file.read(piece, filled, piece.length - filled, at + filled);
    if (bytesRead === 0) break;
    filled += bytesRead;
  }
  return piece.subarray(0, filled);
}
