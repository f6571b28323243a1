import * as fs from 'node:fs';
import type { FileHandle } from 'node:fs/promises';

/** What the store does with a file that is open. A `FileHandle` of Node's can stand in its place. */
export type OpenFile = Pick<
  FileHandle,
  'chmod' | 'close' | 'datasync' | 'fd' | 'read' | 'stat' | 'sync' | 'truncate' | 'utimes' | 'writeFile' | 'writev'
>;

/**
 * Opens a file as `node:fs/promises` does, for a third of its price: of ten thousand small files each is open for a
 * moment. Whoever opened it has to close it, nobody else does.
 */
export function openDescriptor(path: fs.PathLike, flags: string | number, mode?: fs.Mode): Promise<OpenFile> {
  return new Promise((resolve, reject) => {
    fs.open(path, flags, mode, (error, fd) => {
      if (error) reject(error);
      else resolve(new Descriptor(fd) as unknown as OpenFile);
    });
  });
}

type Done<Result> = (error: Error | null, result: Result) => void;
const nothing = (): void => {};

/**
 * What the disk is not needed for is done at once, without a trip to another thread: to look at a file that is open, and
 * to close one that was only read or is durable. Everything else may wait for a disk that hangs, and holds nobody up.
 */
class Descriptor {
  /** -1: closed. */
  fd: number;
  /** Something was written that the disk may not have. */
  #isDirty = false;
  #running = 0;
  #onIdle = (): void => {};

  constructor(fd: number) {
    this.fd = fd;
  }

  chmod(mode: fs.Mode): Promise<void> {
    return this.#run((done) => fs.fchmod(this.fd, mode, done as fs.NoParamCallback), nothing);
  }

  datasync(): Promise<void> {
    return this.#run((done) => fs.fdatasync(this.fd, done as fs.NoParamCallback), nothing);
  }

  read<B extends Uint8Array>(
    buffer: B,
    offset: number,
    length: number,
    position: number,
  ): Promise<{ bytesRead: number; buffer: B }> {
    return this.#run<number, { bytesRead: number; buffer: B }>(
      (done) => fs.read(this.fd, buffer, offset, length, position, done),
      (bytesRead) => ({ bytesRead, buffer }),
    );
  }

  async stat(options?: fs.StatOptions): Promise<fs.Stats | fs.BigIntStats> {
    return fs.fstatSync(this.fd, options);
  }

  /** Nothing may be written meanwhile. */
  sync(): Promise<void> {
    return this.#run(
      (done) => fs.fsync(this.fd, done as fs.NoParamCallback),
      () => {
        this.#isDirty = false;
      },
    );
  }

  truncate(length: number): Promise<void> {
    this.#isDirty = true;
    return this.#run((done) => fs.ftruncate(this.fd, length, done as fs.NoParamCallback), nothing);
  }

  utimes(accessed: fs.TimeLike, modified: fs.TimeLike): Promise<void> {
    return this.#run((done) => fs.futimes(this.fd, accessed, modified, done as fs.NoParamCallback), nothing);
  }

  writeFile(text: string): Promise<void> {
    this.#isDirty = true;
    return this.#run((done) => fs.writeFile(this.fd, text, done as fs.NoParamCallback), nothing);
  }

  writev(pieces: readonly Uint8Array[], position: number): Promise<{ bytesWritten: number }> {
    this.#isDirty = true;
    return this.#run<number, { bytesWritten: number }>(
      (done) => fs.writev(this.fd, pieces, position, done),
      (bytesWritten) => ({ bytesWritten }),
    );
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
    if (!this.#isDirty) fs.closeSync(fd);
    else await this.#run((done) => fs.close(fd, done as fs.NoParamCallback), nothing);
  }

  #run<Raw, Result>(call: (done: Done<Raw>) => void, resultOf: (raw: Raw) => Result): Promise<Result> {
    return new Promise((resolve, reject) => {
      call((error, raw) => {
        this.#running--;
        if (error) reject(error);
        else resolve(resultOf(raw));
        if (this.#running === 0) this.#onIdle();
      });
      this.#running++;
    });
  }
}
