import * as fs from 'node:fs';
import type { FileHandle } from 'node:fs/promises';
import { promisify } from 'node:util';

/** What the store does with a file that is open. A `FileHandle` of Node's can stand in its place. */
export type OpenFile = Pick<
  FileHandle,
  'chmod' | 'close' | 'datasync' | 'fd' | 'read' | 'stat' | 'sync' | 'truncate' | 'utimes' | 'writeFile' | 'writev'
>;

const open = promisify(fs.open);
const close = promisify(fs.close);
const fchmod = promisify(fs.fchmod);
const fdatasync = promisify(fs.fdatasync);
const fstat = promisify(fs.fstat);
const fsync = promisify(fs.fsync);
const ftruncate = promisify(fs.ftruncate);
const futimes = promisify(fs.futimes);
const read = promisify(fs.read);
const writeFile = promisify(fs.writeFile);
const writev = promisify(fs.writev);

/**
 * Opens a file as `node:fs/promises` does, for half of its price: of ten thousand small files each is open for a
 * moment. Whoever opened it has to close it, nobody else does.
 */
export async function openDescriptor(path: fs.PathLike, flags: string | number, mode?: fs.Mode): Promise<OpenFile> {
  return new Descriptor(await open(path, flags, mode)) as unknown as OpenFile;
}

class Descriptor {
  /** -1: closed. */
  fd: number;
  #running = 0;
  #onIdle = (): void => {};

  constructor(fd: number) {
    this.fd = fd;
  }

  chmod(mode: fs.Mode): Promise<void> {
    return this.#run(fchmod(this.fd, mode));
  }

  datasync(): Promise<void> {
    return this.#run(fdatasync(this.fd));
  }

  read(buffer: Uint8Array, offset: number, length: number, position: number): Promise<unknown> {
    return this.#run(read(this.fd, buffer, offset, length, position));
  }

  stat(options?: fs.StatOptions): Promise<unknown> {
    return this.#run(fstat(this.fd, options));
  }

  sync(): Promise<void> {
    return this.#run(fsync(this.fd));
  }

  truncate(length: number): Promise<void> {
    return this.#run(ftruncate(this.fd, length));
  }

  utimes(accessed: number, modified: number): Promise<void> {
    return this.#run(futimes(this.fd, accessed, modified));
  }

  writeFile(text: string): Promise<void> {
    return this.#run(writeFile(this.fd, text));
  }

  writev(pieces: readonly Uint8Array[], position: number): Promise<unknown> {
    return this.#run(writev(this.fd, pieces, position));
  }

  /** After the calls that are under way: the system gives the number of a closed file to the next one. */
  async close(): Promise<void> {
    const { fd } = this;
    this.fd = -1;
    if (this.#running > 0) {
      await new Promise<void>((resolve) => {
        this.#onIdle = resolve;
      });
    }
    await close(fd);
  }

  async #run<Result>(call: Promise<Result>): Promise<Result> {
    this.#running++;
    try {
      return await call;
    } finally {
      this.#running--;
      if (this.#running === 0) this.#onIdle();
    }
  }
}
