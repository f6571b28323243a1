import type { Bytes, Millis } from '../../src/base/units.ts';
import type { InputPiece, PipeInput, PipeOutput } from '../../src/transfer/pipe.ts';
import type { PipeEnds } from '../../src/transfer/pipe-session.ts';

/** What goes into one side of a pipe, when, and how what comes out is taken. */
export interface EndScript {
  /** One after the other: after a rest, so many bytes. */
  readonly pieces: readonly { readonly rest: Millis; readonly size: Bytes }[];
  /** After the last piece: a rest, then the end, or a failure. */
  readonly last: { readonly rest: Millis; readonly kind: 'end' | 'failed' };
  /** The output takes so many bytes at a tick. */
  readonly perTick: Bytes;
  /** It breaks when it would take more than this. */
  readonly breaksAfter?: Bytes | undefined;
}

/** The n-th byte of an input. */
const byteAt = (offset: Bytes): number => (offset * 151 + (offset >>> 8) * 7) & 0xff;

/** Both ends of one side, in memory, moved on by `tick`. Checks that what comes out is right, byte for byte. */
export class ScriptedEnds implements PipeEnds {
  readonly #script: EndScript;
  readonly #wake: () => void;
  #nextPiece = 0;
  #ready = 0;
  #at: Millis = 0;
  #given: Bytes = 0;
  #isOver = false;
  #waiting: Bytes = 0;
  #taken: Bytes = 0;
  #checked: Bytes = 0;
  #state: 'open' | 'ending' | 'finished' | 'broken' = 'open';
  /** The most bytes that were written and not taken. */
  mostWaiting: Bytes = 0;

  constructor(script: EndScript, wake: () => void) {
    this.#script = script;
    this.#wake = wake;
    this.#at = script.pieces[0]?.rest ?? script.last.rest;
  }

  /** Bytes that went in. */
  get given(): Bytes {
    return this.#given;
  }

  /** Bytes that came out, all of them right. */
  get taken(): Bytes {
    return this.#taken;
  }

  get state(): 'open' | 'ending' | 'finished' | 'broken' {
    return this.#state;
  }

  readonly input: PipeInput = {
    poll: (): InputPiece | undefined => {
      if (this.#isOver || this.#nextPiece > this.#ready - 1) return undefined;
      const piece = this.#script.pieces[this.#nextPiece++];
      if (piece === undefined) {
        this.#isOver = true;
        return this.#script.last.kind === 'end' ? { kind: 'end' } : { kind: 'failed', text: 'as was asked for' };
      }
      const from = this.#given;
      this.#given += piece.size;
      return { kind: 'bytes', bytes: Uint8Array.from({ length: piece.size }, (_, i) => byteAt(from + i)) };
    },
    close: () => {
      this.#isOver = true;
    },
  };

  readonly output: PipeOutput = outputOf(this);

  write(bytes: Uint8Array): void {
    if (this.#state !== 'open' && this.#state !== 'broken') throw new Error('written after the end');
    for (const byte of bytes) {
      if (byte !== byteAt(this.#checked)) throw new Error(`another byte came out at ${this.#checked}`);
      this.#checked++;
    }
    this.#waiting += bytes.length;
    this.mostWaiting = Math.max(this.mostWaiting, this.#waiting);
  }

  end(): void {
    if (this.#state === 'open') this.#state = 'ending';
  }

  /** Time has passed. */
  tick(now: Millis): void {
    while (this.#at <= now && this.#ready <= this.#script.pieces.length) {
      this.#ready++;
      this.#at = now + (this.#script.pieces[this.#ready]?.rest ?? this.#script.last.rest);
    }
    const count = Math.min(this.#waiting, this.#script.perTick);
    if (this.#taken + count > (this.#script.breaksAfter ?? Number.POSITIVE_INFINITY)) this.#state = 'broken';
    else {
      this.#taken += count;
      this.#waiting -= count;
      if (this.#state === 'ending' && this.#waiting === 0) this.#state = 'finished';
    }
    this.#wake();
  }
}

function outputOf(ends: ScriptedEnds): PipeOutput {
  return {
    write: (bytes) => ends.write(bytes),
    taken: () => ends.taken,
    end: () => ends.end(),
    get state() {
      return ends.state === 'ending' ? 'open' : ends.state;
    },
    get failure() {
      return ends.state === 'broken' ? 'as was asked for' : undefined;
    },
  };
}
