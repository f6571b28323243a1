import type { ByteStream } from '../../src/session/byte-stream.ts';

/** How a pipe treats what is written to it. */
export type PipeShape = {
  /** Bytes that may be written ahead of what the reader has consumed. */
  readonly window: number;
  /** Sizes of the slices in which bytes arrive, used in turn. */
  readonly slices: readonly number[];
};

/**
 * One direction between two transfers: keeps what is written until `deliver` lets a slice of it arrive, and checks that
 * both ends keep to the contract of ByteStream.
 */
class Direction {
  readonly #shape: PipeShape;
  readonly #flying: Uint8Array[] = [];
  readonly #arrived: Uint8Array[] = [];
  /** Tells the reading and the writing side that a step may be worth it. */
  readonly #onArrival: () => void;
  readonly #onRoom: () => void;
  #delivered = 0;
  #finished = false;
  #finArrived = false;
  written = 0;
  read = 0;
  consumed = 0;
  /** The most bytes that were ever written and not consumed: what a session would hold. */
  peak = 0;

  constructor(shape: PipeShape, onArrival: () => void, onRoom: () => void) {
    this.#shape = shape;
    this.#onArrival = onArrival;
    this.#onRoom = onRoom;
  }

  get finished(): boolean {
    return this.#finArrived && this.#arrived.length === 0;
  }

  get unsent(): number {
    return this.#flying.reduce((sum, { length }) => sum + length, 0);
  }

  room(): number {
    return this.#shape.window - (this.written - this.consumed);
  }

  push(bytes: Uint8Array): void {
    if (this.#finished) throw new Error('written after finish');
    this.#flying.push(bytes);
    this.written += bytes.length;
    this.peak = Math.max(this.peak, this.written - this.consumed);
  }

  finish(): void {
    if (this.#finished) throw new Error('finished twice');
    this.#finished = true;
  }

  /** Lets the next slice arrive; false: nothing is on the way. */
  deliver(): boolean {
    const first = this.#flying.shift();
    if (first !== undefined) {
      const size = this.#shape.slices[this.#delivered++ % this.#shape.slices.length] ?? 1;
      this.#arrived.push(first.subarray(0, size));
      if (first.length > size) this.#flying.unshift(first.subarray(size));
    } else if (this.#finished && !this.#finArrived) {
      this.#finArrived = true;
    } else {
      return false;
    }
    this.#onArrival();
    return true;
  }

  take(): Uint8Array | undefined {
    const bytes = this.#arrived.shift();
    this.read += bytes?.length ?? 0;
    return bytes;
  }

  consume(count: number): void {
    this.consumed += count;
    if (count < 0 || this.consumed > this.read) throw new Error(`consumed ${this.consumed} of ${this.read} bytes read`);
    this.#onRoom();
  }
}

/** Two byte streams crossed over; `touched` tells which side may have something to do. */
export class BytePipe {
  readonly toReceiver: Direction;
  readonly toSender: Direction;
  readonly touched = { sender: true, receiver: true };
  readonly touchSender = (): void => {
    this.touched.sender = true;
  };
  readonly touchReceiver = (): void => {
    this.touched.receiver = true;
  };
  readonly sender: ByteStream;
  readonly receiver: ByteStream;

  constructor(toReceiver: PipeShape, toSender: PipeShape) {
    this.toReceiver = new Direction(toReceiver, this.touchReceiver, this.touchSender);
    this.toSender = new Direction(toSender, this.touchSender, this.touchReceiver);
    this.sender = endOf(this.toReceiver, this.toSender);
    this.receiver = endOf(this.toSender, this.toReceiver);
  }
}

function endOf(out: Direction, back: Direction): ByteStream {
  return {
    writable: () => out.room(),
    get unsent() {
      return out.unsent;
    },
    write: (bytes) => out.push(bytes),
    finish: () => out.finish(),
    read: () => back.take(),
    get readFinished() {
      return back.finished;
    },
    consumed: (count) => back.consume(count),
  };
}
