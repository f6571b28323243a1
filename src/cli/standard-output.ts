import { createWriteStream, fstatSync, type Stats } from 'node:fs';
import { Socket } from 'node:net';
import type { Writable } from 'node:stream';
import { UdpcpError } from '../errors.ts';
import { errorWords } from '../store/failure.ts';

const STDOUT = 1;

/**
 * Stdout for content: `process.stdout` cannot be ended, and writes to files while everything waits. Throws UdpcpError
 * ERR_LOCAL_STORE when it cannot be used.
 */
export function standardOutput(): Writable {
  const stat = look();
  if (stat.isFIFO() || stat.isSocket()) return new Socket({ fd: STDOUT, readable: false, writable: true });
  return createWriteStream('', { fd: STDOUT });
}

function look(): Stats {
  try {
    return fstatSync(STDOUT);
  } catch (error) {
    throw new UdpcpError('ERR_LOCAL_STORE', `cannot write to stdout: ${errorWords(error)}`, { cause: error });
  }
}
