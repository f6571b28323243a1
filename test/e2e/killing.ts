import { existsSync, readdirSync, rmSync } from 'node:fs';
import { join } from 'node:path';
import { setTimeout as wait } from 'node:timers/promises';
import { expect } from 'vitest';
import { SeededPrng } from '../../src/base/prng.ts';
import { FaultyDisk } from '../hostile/faulty-disk.ts';
import { type Bench, type Ended, type Running, type StartOptions, sha256 } from './processes.ts';

/** Where the receiver runs, and what starts it there: another machine than this one, for runs by hand. */
const { UDPCP_FAR_HOST = '127.0.0.1', UDPCP_FAR_COMMAND = '' } = process.env;

/** A transfer whose processes are killed and started again until all is stored. */
export interface Ordeal {
  readonly bench: Bench;
  /** Of the instants, and of the content. */
  readonly seed: number;
  readonly size: number;
  /** Most kills; fewer when the transfer is over sooner. */
  readonly kills: number;
  /** Longest time from one kill to the next, in milliseconds. */
  readonly pause: number;
  /** The side that is killed first; then they take turns. */
  readonly first: Side;
  readonly senderArgs: readonly string[];
}

type Side = 'sender' | 'receiver';

/** What an ordeal came to. */
export interface Survival {
  readonly kills: Readonly<Record<Side, number>>;
  /** The last sender was told that all was there before. */
  readonly wasThere: boolean;
  /** All that the senders sent, by the size of the file; undefined where nothing counts it. */
  readonly ratio: number | undefined;
  /** In the directory at the end. */
  readonly names: readonly string[];
}

/** Throws when a file that is not the sender's appears, or the last sender fails. */
export async function survive(ordeal: Ordeal): Promise<Survival> {
  const meter = FaultyDisk.make();
  const killing = new Killing(ordeal, meter);
  try {
    return await killing.run();
  } finally {
    meter?.remove();
    killing.remove();
  }
}

class Killing {
  readonly #ordeal: Ordeal;
  readonly #meter: FaultyDisk | undefined;
  readonly #out: string;
  readonly #path: string;
  readonly #digest: string;
  readonly #kills = { sender: 0, receiver: 0 };

  constructor(ordeal: Ordeal, meter: FaultyDisk | undefined) {
    this.#ordeal = ordeal;
    this.#meter = meter;
    this.#out = join(ordeal.bench.directory(), 'out');
    this.#path = ordeal.bench.file('file', randomContent(ordeal.seed, ordeal.size));
    this.#digest = sha256(this.#path);
  }

  async run(): Promise<Survival> {
    const { seed, kills, pause, first, size } = this.#ordeal;
    const random = new SeededPrng(seed);
    let receiver = await this.#receive('0');
    const port = /^listening on UDP \S+:(\d+),/m.exec(receiver.stderr)?.[1] ?? '';
    let sender = this.#send(port);
    const isOver = (): boolean => sender.child.exitCode !== null;
    for (let i = 0; i < kills; i++) {
      // The instant is what is random here: nothing is waited for.
      await wait(random.next() * pause);
      if (isOver()) break;
      const side = (i % 2 === 0) === (first === 'sender') ? 'sender' : 'receiver';
      const { signal } = await (side === 'sender' ? sender : receiver).kill('SIGKILL');
      if (signal !== 'SIGKILL') break; // it was about to end
      this.#kills[side]++;
      this.#check();
      if (side === 'sender') sender = this.#send(port);
      else receiver = await this.#receive(port);
    }
    const ended = await sender.ended;
    expect(ended, describe(this.#kills, ended)).toMatchObject({ code: 0 });
    expect(this.#check()).toBe(true);
    await receiver.kill('SIGTERM'); // sessions of senders that were killed are given up
    return {
      kills: this.#kills,
      wasThere: JSON.parse(ended.stdout).files[0].text === 'already there',
      ratio: this.#meter && this.#meter.sent / size,
      names: readdirSync(this.#out),
    };
  }

  /** Many ordeals would fill a disk. */
  remove(): void {
    for (const path of [this.#path, this.#out]) rmSync(path, { recursive: true, force: true });
  }

  /** Whether the file is there, and then it is all of it. */
  #check(): boolean {
    const path = join(this.#out, 'file');
    if (!existsSync(path)) return false;
    expect(sha256(path)).toBe(this.#digest);
    return true;
  }

  async #receive(port: string): Promise<Running> {
    const words = ['recv', '--out', this.#out, '--port', port, '--bind', UDPCP_FAR_HOST, '--idle-timeout', '1s'];
    const receiver = this.#ordeal.bench.start(words, farOptions());
    await receiver.says(/^listening on UDP/m);
    return receiver;
  }

  #send(port: string): Running {
    const words = ['send', this.#path, `${UDPCP_FAR_HOST}:${port}`, '--json', ...this.#ordeal.senderArgs];
    return this.#ordeal.bench.start(words, { env: this.#meter?.env ?? {} });
  }
}

function farOptions(): StartOptions {
  const [file, ...rest] = UDPCP_FAR_COMMAND.split(' ').filter((word) => word !== '');
  return file === undefined ? {} : { command: [file, ...rest] };
}

const describe = (kills: Readonly<Record<Side, number>>, { code, signal, stderr }: Ended): string =>
  `after ${JSON.stringify(kills)}: ${code} ${signal} ${stderr}`;

/** Bytes in which no chunk is like another. */
export function randomContent(seed: number, size: number): Buffer {
  const random = new SeededPrng(seed);
  const words = new Uint32Array(Math.ceil(size / 4));
  for (let i = 0; i < words.length; i++) words[i] = random.nextUint32();
  return Buffer.from(words.buffer, 0, size);
}
