import { randomBytes } from 'node:crypto';
import { closeSync, openSync, readFileSync, writeSync } from 'node:fs';
import { isClear } from '../channel/spec.ts';
import { UdpcpError } from '../errors.ts';
import type { ChannelChoice } from '../net/live-channels.ts';
import { errorWords } from '../store/failure.ts';
import { type ChannelOptions, channelSpecs } from './options/channel-options.ts';

/** The channel a command was asked for, with its files open. */
export interface CommandChannel {
  /** Undefined: none was asked for. */
  readonly choice: ChannelChoice | undefined;
  /** Finishes the recording. Throws UdpcpError when not all of it could be written. */
  close(): void;
}

/** Reads the options, draws a seed where none is given, opens the files. Rejects with UdpcpError ERR_USAGE. */
export async function openChannel(options: ChannelOptions): Promise<CommandChannel> {
  const specs = channelSpecs(options);
  const isAsked =
    !isClear(specs.out) ||
    !isClear(specs.in) ||
    [options.seed, options.record, options.replay].some((o) => o !== undefined);
  if (!isAsked) return { choice: undefined, close: () => {} };
  const seed = options.seed ?? randomBytes(4).readUInt32BE();
  const replay = options.replay === undefined ? undefined : await readRecording(options.replay);
  const recorder = options.record === undefined ? undefined : new Recorder(options.record);
  const record = recorder && ((line: string): void => recorder.write(line));
  return { choice: { ...specs, seed: replay?.seed ?? seed, replay, record }, close: () => recorder?.close() };
}

async function readRecording(path: string): Promise<NonNullable<ChannelChoice['replay']>> {
  let text: string;
  try {
    text = readFileSync(path, 'utf8');
  } catch (error) {
    throw new UdpcpError('ERR_USAGE', `cannot read ${path}: ${errorWords(error)}`, { cause: error });
  }
  const { parseRecording } = await import('../channel/recording-parser.ts');
  const recording = parseRecording(text);
  if (recording.kind === 'bad-recording')
    throw new UdpcpError('ERR_USAGE', `${path} is not a recording: ${recording.message}`);
  return recording;
}

const FLUSH_AT = 65_536;

/** Writes a recording in large pieces; an error is kept for the end, so that it does not cost the transfer. */
class Recorder {
  readonly #path: string;
  readonly #fd: number;
  #pending = '';
  #error: unknown;

  constructor(path: string) {
    this.#path = path;
    try {
      this.#fd = openSync(path, 'w');
    } catch (error) {
      throw new UdpcpError('ERR_USAGE', `cannot write ${path}: ${errorWords(error)}`, { cause: error });
    }
  }

  write(line: string): void {
    this.#pending += line;
    if (this.#pending.length >= FLUSH_AT) this.#flush();
  }

  close(): void {
    this.#flush();
    closeSync(this.#fd);
    if (this.#error === undefined) return;
    throw new UdpcpError('ERR_USAGE', `the recording ${this.#path} is not complete: ${errorWords(this.#error)}`, {
      cause: this.#error,
    });
  }

  #flush(): void {
    try {
      const bytes = Buffer.from(this.#pending);
      for (let at = 0; at < bytes.length && this.#error === undefined; ) at += writeSync(this.#fd, bytes, at);
    } catch (error) {
      this.#error = error;
    }
    this.#pending = '';
  }
}
