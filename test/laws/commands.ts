import fc from 'fast-check';
import { type HandDrivenPair, SIDES, type Side } from './hand-driven-pair.ts';
import { demand } from './side-invariants.ts';

/** What two sides and their streams are, told so simply that it cannot be wrong: a queue of bytes each way. */
export interface Model {
  /** Written by a side and not read by its peer. */
  readonly queue: Record<Side, number[]>;
  readonly written: Record<Side, number>;
  readonly finished: Record<Side, boolean>;
  isClosed: boolean;
}

export const emptyModel = (): Model => ({
  queue: { initiator: [], acceptor: [] },
  written: { initiator: 0, acceptor: 0 },
  finished: { initiator: false, acceptor: false },
  isClosed: false,
});

type Command = fc.Command<Model, HandDrivenPair>;

/** No two neighbouring packets carry the same bytes. */
const byteAt = (offset: number): number => (offset * 31 + (offset >>> 8) * 7) & 0xff;

/** Takes what `reader` can read of its peer's stream: it must be the front of the queue. */
export function readAll(model: Model, pair: HandDrivenPair, reader: Side): void {
  const session = pair.sessions[reader];
  const writer = reader === 'initiator' ? 'acceptor' : 'initiator';
  for (let bytes = session.read(); bytes !== undefined; bytes = session.read()) {
    const expected = model.queue[writer].splice(0, bytes.length);
    demand(Buffer.compare(bytes, Uint8Array.from(expected)) === 0, 'what is read was written, in order', bytes.length);
    session.consumed(bytes.length);
  }
  const isAll = model.finished[writer] && model.queue[writer].length === 0;
  demand(!session.readFinished || isAll, 'a stream ends where it was finished', model.queue[writer].length);
  pair.settle();
}

class Write implements Command {
  readonly #side: Side;
  readonly #count: number;

  constructor(side: Side, count: number) {
    this.#side = side;
    this.#count = count;
  }

  check = ({ finished, isClosed }: Readonly<Model>): boolean => !finished[this.#side] && !isClosed;

  run(model: Model, pair: HandDrivenPair): void {
    const bytes = Uint8Array.from({ length: this.#count }, (_, i) => byteAt(model.written[this.#side] + i));
    model.written[this.#side] += this.#count;
    model.queue[this.#side].push(...bytes);
    pair.sessions[this.#side].write(bytes);
    pair.settle();
  }

  toString = (): string => `${this.#side}.write(${this.#count})`;
}

class Finish implements Command {
  readonly #side: Side;

  constructor(side: Side) {
    this.#side = side;
  }

  check = ({ finished, isClosed }: Readonly<Model>): boolean => !finished[this.#side] && !isClosed;

  run(model: Model, pair: HandDrivenPair): void {
    model.finished[this.#side] = true;
    pair.sessions[this.#side].finish();
    pair.settle();
  }

  toString = (): string => `${this.#side}.finish()`;
}

class Read implements Command {
  readonly #side: Side;

  constructor(side: Side) {
    this.#side = side;
  }

  check = (): boolean => true;
  run = (model: Model, pair: HandDrivenPair): void => readAll(model, pair, this.#side);
  toString = (): string => `${this.#side}.read()`;
}

class Close implements Command {
  readonly #side: Side;

  constructor(side: Side) {
    this.#side = side;
  }

  check = (): boolean => true;

  run(model: Model, pair: HandDrivenPair): void {
    model.isClosed = true;
    pair.sessions[this.#side].close(pair.now, 0);
    pair.settle();
    demand(pair.sessions[this.#side].end !== undefined, 'who closes has an end', this.#side);
  }

  toString = (): string => `${this.#side}.close()`;
}

class Advance implements Command {
  readonly #span: number;

  constructor(span: number) {
    this.#span = span;
  }

  check = (): boolean => true;
  run = (_: Model, pair: HandDrivenPair): void => pair.advance(this.#span);
  toString = (): string => `advance(${this.#span})`;
}

type Act = 'deliver' | 'drop' | 'duplicate' | 'postpone' | 'corrupt';

/** Something happens to a datagram that a side sent; `at` picks it among those that wait, and the bit to flip. */
class Happen implements Command {
  readonly #act: Act;
  readonly #side: Side;
  readonly #at: number;

  constructor(act: Act, side: Side, at: number) {
    this.#act = act;
    this.#side = side;
    this.#at = at;
  }

  check = (): boolean => true;

  run(_: Model, pair: HandDrivenPair): void {
    const waiting = pair.sent[this.#side];
    if (waiting.length === 0) return;
    const index = this.#at % waiting.length;
    const datagram = waiting[index] as Uint8Array;
    switch (this.#act) {
      case 'deliver':
        pair.deliver(this.#side, index);
        break;
      case 'drop':
        waiting.splice(index, 1);
        break;
      case 'duplicate':
        waiting.push(datagram.slice());
        break;
      case 'postpone':
        waiting.push(...waiting.splice(index, 1));
        break;
      case 'corrupt': {
        const bit = this.#at % (8 * datagram.length);
        datagram[bit >>> 3] = (datagram[bit >>> 3] as number) ^ (0x80 >>> (bit & 7));
        break;
      }
    }
  }

  toString = (): string => `${this.#act}(${this.#side}, ${this.#at})`;
}

const sides = fc.constantFrom(...SIDES);
const picks = fc.oneof(fc.constant(0), fc.nat(100_000));
const happenings = (...acts: readonly Act[]) =>
  fc.tuple(fc.constantFrom(...acts), sides, picks).map(([act, side, at]) => new Happen(act, side, at));

/** Lists of what two sides may do and what may happen to their datagrams; delivering is the most common. */
export const commandLists = fc.commands(
  [
    fc.tuple(sides, fc.integer({ min: 1, max: 4000 })).map(([side, count]) => new Write(side, count)),
    sides.map((side) => new Read(side)),
    fc.oneof(fc.integer({ min: 0, max: 100 }), fc.integer({ min: 0, max: 5000 })).map((span) => new Advance(span)),
    happenings('deliver'),
    happenings('deliver'),
    happenings('deliver', 'drop', 'duplicate', 'postpone', 'corrupt'),
    fc.oneof(
      { weight: 9, arbitrary: sides.map((side): Command => new Finish(side)) },
      { weight: 1, arbitrary: sides.map((side): Command => new Close(side)) },
    ),
  ],
  { maxCommands: 250, size: 'max' },
);
