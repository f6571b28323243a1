import { createHash } from 'node:crypto';
import { PassThrough, Readable, Writable } from 'node:stream';
import { describe, expect, test, vi } from 'vitest';
import { streamEntry } from '../../src/store/outgoing/stream-source.ts';
import { StreamReader } from '../../src/store/stream-reader.ts';
import { StreamStore } from '../../src/store/stream-store.ts';
import { TRANSFER_CODE } from '../../src/transfer/codes.ts';
import type { Offer } from '../../src/transfer/messages.ts';
import type { InputPiece } from '../../src/transfer/pipe.ts';
import type { Owner, Sink, SourcePiece } from '../../src/transfer/ports.ts';
import { encodeText } from '../../src/transfer/text.ts';
import { SOMEBODY } from './drive.ts';

const MIB = 1024 * 1024;

/** Polls until the last piece, waiting for wakes in between. */
async function readAll<Piece extends InputPiece | SourcePiece>(
  open: (wake: () => void) => { poll(): Piece | undefined },
): Promise<Piece[]> {
  let wake = (): void => {};
  const source = open(() => wake());
  const pieces: Piece[] = [];
  for (;;) {
    const woken = new Promise<void>((resolve) => {
      wake = resolve;
    });
    const piece = source.poll();
    if (piece === undefined) await woken;
    else pieces.push(piece);
    if (piece?.kind === 'end' || piece?.kind === 'failed') return pieces;
  }
}

const textOf = (pieces: readonly (InputPiece | SourcePiece)[]): string =>
  pieces.map((piece) => (piece.kind === 'bytes' ? Buffer.from(piece.bytes).toString() : '')).join('');

describe('a StreamReader', () => {
  test.each([
    ['bytes', [Buffer.from('one '), Buffer.from('two')]],
    ['text', ['one ', 'two']],
    ['with empty pieces', ['', 'one ', '', 'two', '']],
  ])('gives all of a stream of %s, then its end', async (_, chunks) => {
    const pieces = await readAll((wake) => new StreamReader(Readable.from(chunks), wake));
    expect(textOf(pieces)).toBe('one two');
    expect(pieces.at(-1)).toEqual({ kind: 'end' });
  });

  test('says why a stream failed, after what came before', async () => {
    async function* failing() {
      yield 'before';
      throw Object.assign(new Error('secret path'), { code: 'EIO' });
    }
    const pieces = await readAll((wake) => new StreamReader(Readable.from(failing()), wake));
    expect(textOf(pieces)).toBe('before');
    expect(pieces.at(-1)).toEqual({ kind: 'failed', text: 'i/o error' });
  });

  test('fails for a stream of other objects', async () => {
    const pieces = await readAll((wake) => new StreamReader(Readable.from([{ not: 'bytes' }]), wake));
    expect(pieces).toEqual([{ kind: 'failed', text: 'invalid argument' }]);
  });

  test('reads only a little ahead', async () => {
    let made = 0;
    const endless = new Readable({
      read() {
        made += 65_536;
        this.push(Buffer.alloc(65_536));
      },
    });
    const reader = new StreamReader(endless, () => {});
    await vi.waitFor(() => expect(made).toBeGreaterThanOrEqual(MIB));
    for (let i = 0; i < 1000; i++) await Promise.resolve();
    expect(made).toBeLessThan(1.5 * MIB);
    reader.close();
    expect(endless.destroyed).toBe(true);
    expect(reader.poll()).toBeUndefined();
  });
});

describe('the entry of a stream', () => {
  test('has no size; its content ends with the digest of all of it', async () => {
    const entry = streamEntry({ name: 'x', stream: Readable.from(['one ', 'two']) });
    expect(entry.offer.size).toBeUndefined();
    const pieces = await readAll((wake) => entry.open({ kind: 'content', from: 0 }, wake));
    expect(textOf(pieces)).toBe('one two');
    const digest = new Uint8Array(createHash('sha256').update('one two').digest());
    expect(pieces.at(-1)).toEqual({ kind: 'end', size: 7, digest });
  });

  test('cannot be opened again, and says so', async () => {
    const entry = streamEntry({ name: 'x', stream: Readable.from(['one']) });
    const open = (wake: () => void) => entry.open({ kind: 'content', from: 0 }, wake);
    await readAll(open);
    expect(await readAll(open)).toEqual([
      { kind: 'failed', code: TRANSFER_CODE.sourceUnreadable, text: 'a stream cannot be sent again from the start' },
    ]);
  });

  test.each([['a/b'], [''], ['..'], ['\u0000']])('has no name like %j', (name) => {
    expect(() => streamEntry({ name, stream: Readable.from([]) })).toThrow(/^cannot send as /);
  });
});

describe('a StreamStore', () => {
  const OFFER: Offer = {
    kind: 'offer',
    entry: 0,
    entryKind: 'file',
    size: undefined,
    mtime: undefined,
    mode: undefined,
    fresh: false,
    path: [encodeText('x')],
    target: new Uint8Array(0),
  };
  const digestOf = (text: string) => new Uint8Array(createHash('sha256').update(text).digest());
  const settled = (sink: Sink) => vi.waitFor(() => expect(sink.receipt()).toBeDefined());
  const verdictOf = (store: StreamStore, offer: Offer = OFFER) => store.open(offer, () => {}, SOMEBODY).verdict();
  const opened = (store: StreamStore, owner: Owner = SOMEBODY) => store.open(OFFER, () => {}, owner);

  /** A stream that takes nothing before it is told to. */
  class Slow extends Writable {
    readonly waiting: (() => void)[] = [];
    override _write(_: unknown, __: BufferEncoding, done: () => void): void {
      this.waiting.push(done);
    }
  }

  test('is done when all is written and verified, and takes nothing more', async () => {
    const stream = new PassThrough();
    const store = new StreamStore(stream);
    expect(store.state).toBe('waiting');
    const sink = opened(store);
    expect(sink.verdict()).toMatchObject({ verdict: 'accept', offset: 0 });
    expect(store.state).toBe('waiting');
    expect(verdictOf(store)).toMatchObject({ verdict: 'refuse', code: TRANSFER_CODE.unsupported });
    sink.write(Buffer.from('one'), 0);
    expect(store.state).toBe('busy');
    expect(opened(store, { ...SOMEBODY }).verdict()).toMatchObject({ verdict: 'refuse' });
    sink.end(3, digestOf('one'));
    await settled(sink);
    expect(sink.receipt()).toMatchObject({ code: 0, size: 3 });
    expect(stream.read()?.toString()).toBe('one');
    expect(store.state).toBe('done');
    expect(verdictOf(store)).toMatchObject({ verdict: 'refuse' });
    expect(stream.writableEnded).toBe(false);
  });

  test('is for whoever has content first; what the others send is thrown away, and they hear why', async () => {
    const stream = new PassThrough();
    const store = new StreamStore(stream);
    const [idle, late, first] = [0, 1, 2].map(() => opened(store, { ...SOMEBODY })) as [Sink, Sink, Sink];
    for (const sink of [idle, late, first]) expect(sink.verdict()).toMatchObject({ verdict: 'accept' });
    first.write(Buffer.from('first'), 0);
    late.write(Buffer.from('late'), 0);
    expect(late.receipt()).toMatchObject({ code: TRANSFER_CODE.unsupported });
    expect([late.taken(), idle.receipt()]).toEqual([4, undefined]);
    late.abort();
    first.end(5, digestOf('first'));
    await settled(first);
    expect([first.receipt()?.code, first.taken(), stream.read()?.toString()]).toEqual([0, 5, 'first']);
    idle.end(0, digestOf(''));
    expect(idle.receipt()).toMatchObject({ code: TRANSFER_CODE.unsupported });
    expect(store.state).toBe('done');
  });

  test('counts bytes as taken when the stream took them, and confirms nothing sooner', async () => {
    const stream = new Slow();
    const sink = opened(new StreamStore(stream));
    sink.write(Buffer.from('one'), 0);
    sink.end(3, digestOf('one'));
    expect([sink.taken(), sink.receipt()]).toEqual([0, undefined]);
    stream.waiting.shift()?.();
    await settled(sink);
    expect([sink.taken(), sink.receipt()?.code]).toEqual([3, 0]);
  });

  test('an attempt of which nothing was written costs nothing; a part of a file spoils it', () => {
    const store = new StreamStore(new PassThrough());
    opened(store).abort();
    expect(store.state).toBe('waiting');
    const sink = opened(store);
    sink.write(Buffer.from('half'), 0);
    sink.abort();
    expect(store.state).toBe('spoiled');
    expect(verdictOf(store)).toMatchObject({ verdict: 'refuse', code: TRANSFER_CODE.store });
  });

  test('what is not what was sent is told so', async () => {
    const sink = opened(new StreamStore(new PassThrough()));
    sink.write(Buffer.from('one'), 0);
    sink.end(3, digestOf('two'));
    await settled(sink);
    expect(sink.receipt()).toMatchObject({ code: TRANSFER_CODE.digest });
  });

  test.each([
    ['ENOSPC', 'cannot write the output: no space left on device'],
    ['EPIPE', 'whoever reads the output has gone away'],
  ])('a stream that fails with %s frees all memory and says why', async (code, words) => {
    const stream = new Writable({
      write: (_chunk, _encoding, done) => done(Object.assign(new Error(code), { code })),
    });
    const store = new StreamStore(stream);
    const sink = opened(store);
    sink.write(Buffer.from('one'), 0);
    await settled(sink);
    sink.write(Buffer.from('two'), 3);
    expect(sink.taken()).toBe(6);
    expect(sink.receipt()).toMatchObject({ code: TRANSFER_CODE.store, text: encodeText(words) });
    expect([store.isBroken, store.state, store.written]).toEqual([true, 'spoiled', 0]);
  });

  test.each(['directory', 'link'] as const)('refuses a %s', (entryKind) => {
    const store = new StreamStore(new PassThrough());
    expect(verdictOf(store, { ...OFFER, entryKind })).toMatchObject({ code: TRANSFER_CODE.unsupported });
  });

  test('keeps to a largest size, known before or not', async () => {
    const store = new StreamStore(new PassThrough(), { maxSize: 5 });
    expect(verdictOf(store, { ...OFFER, size: 6 })).toMatchObject({ code: TRANSFER_CODE.tooLarge });
    const sink = opened(store);
    sink.write(Buffer.from('four'), 0);
    sink.write(Buffer.from('more'), 4);
    await settled(sink);
    expect(sink.receipt()).toMatchObject({ code: TRANSFER_CODE.tooLarge });
    await vi.waitFor(() => expect(sink.taken()).toBe(8));
    expect(store.written).toBe(4);
  });
});
