import { describe, expect, test } from 'vitest';
import { type InputPiece, type PipeOutput, PipeTransfer } from '../../src/transfer/pipe.ts';
import { ScriptedStream } from './scripted-stream.ts';

const HEADER = [0x20, 0, 0, 0, 0];

class Stream extends ScriptedStream {
  writeFinished = false;
  readonly said: number[] = [];

  override write(bytes: Uint8Array): void {
    super.write(bytes);
    this.said.push(...bytes);
  }
}

/** A pipe between what a test says; its output takes what it is told to. */
function join(isCalled: boolean, pieces: InputPiece[] = []) {
  const stream = new Stream();
  const out: number[] = [];
  const output = {
    count: 0,
    state: 'open' as PipeOutput['state'],
    failure: undefined,
    write: (bytes: Uint8Array) => void out.push(...bytes),
    taken: () => output.count,
    end: () => {
      output.state = 'finished';
    },
  };
  const transfer = new PipeTransfer(stream, { poll: () => pieces.shift(), close: () => {} }, output, isCalled);
  return { stream, out, output, transfer };
}

const bytes = (...values: number[]): InputPiece => ({ kind: 'bytes', bytes: Uint8Array.from(values) });

test('the caller says at once that it is a pipe, then what it has', () => {
  const { stream, transfer } = join(false, [bytes(1, 2), { kind: 'end' }]);
  transfer.step();
  expect(stream.said).toEqual([...HEADER, 1, 2]);
  expect([stream.finished, transfer.state]).toEqual([true, 'running']);
});

test('who is called says nothing before the whole header came, in however many pieces', () => {
  const { stream, out, transfer } = join(true, [bytes(1)]);
  for (const byte of HEADER) {
    transfer.step();
    expect([stream.said, transfer.isConfirmed]).toEqual([[], false]);
    stream.sayBytes(Uint8Array.of(byte));
  }
  stream.sayBytes(Uint8Array.of(9));
  transfer.step();
  expect([stream.said, out]).toEqual([[...HEADER, 1], [9]]);
});

describe('no pipe is', () => {
  test.each([
    ['an offer', [0x01, 0, 0, 0, 40]],
    ['a header with a body', [...HEADER.slice(0, 4), 1]],
  ])('%s', (_, said) => {
    const { stream, out, transfer } = join(true, [bytes(1)]);
    stream.sayBytes(Uint8Array.from(said));
    transfer.step();
    transfer.step();
    expect([transfer.state, stream.said, out]).toEqual(['not-a-pipe', [], []]);
  });

  test('a stream that ends within the header', () => {
    const { stream, transfer } = join(true);
    stream.sayBytes(Uint8Array.of(0x20));
    stream.sayEnd();
    transfer.step();
    expect(transfer.state).toBe('not-a-pipe');
  });
});

test('what the output has not taken grants no credit', () => {
  const { stream, output, transfer } = join(false);
  stream.sayBytes(Uint8Array.from([...HEADER, 1, 2, 3]));
  transfer.step();
  expect(stream.bytesConsumed).toBe(5);
  output.count = 2;
  transfer.step();
  expect([stream.bytesConsumed, transfer.bytesReceived, transfer.isIdle]).toEqual([7, 2, false]);
});

test('nothing is taken from the input while the stream has no room', () => {
  const pieces = [bytes(1), bytes(2)];
  const { stream, transfer } = join(false, pieces);
  stream.room = 6;
  transfer.step();
  expect(stream.said).toEqual([...HEADER, 1]);
  expect(pieces).toHaveLength(1);
});

test('it is complete when both directions are: ended, out, acknowledged', () => {
  const { stream, transfer } = join(false, [{ kind: 'end' }]);
  stream.sayBytes(Uint8Array.from(HEADER));
  transfer.step();
  expect(transfer.state).toBe('running');
  stream.sayEnd();
  transfer.step();
  expect([transfer.isDrained, transfer.state]).toEqual([true, 'running']);
  stream.writeFinished = true;
  expect(transfer.state).toBe('complete');
});

test('an input that fails and an output that breaks are told apart', () => {
  const failing = join(false, [{ kind: 'failed', text: 'why' }]);
  failing.transfer.step();
  expect([failing.transfer.state, failing.transfer.failure, failing.stream.finished]).toEqual([
    'input-failed',
    'why',
    false,
  ]);
  const breaking = join(false);
  breaking.output.state = 'broken';
  breaking.transfer.step();
  expect(breaking.transfer.state).toBe('output-broken');
});
