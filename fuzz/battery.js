import { execFileSync, spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';

const SOURCE = fileURLToPath(new URL('cannon.c', import.meta.url));

/** Runs fuzz/cannon.c: an attacker that costs little of the machine it shares with its target. Linux, with a C compiler. */
export class Battery {
  #directory = mkdtempSync(join(tmpdir(), 'udpcp-cannon-'));
  #program = join(this.#directory, 'cannon');

  constructor() {
    execFileSync('cc', ['-O2', '-o', this.#program, SOURCE], { stdio: 'inherit' });
  }

  /** Fires these shots, over and over, from so many addresses of 127.0.0.0/8, at most `rate` a second. */
  fire(port, { shots, sources, rate, seconds = 86_400 }) {
    const gun = new Part(this.#program, ['fire', port, sources, rate, seconds]);
    for (const shot of shots)
      gun.stdin.write(Buffer.concat([Uint8Array.of(shot.length & 255, shot.length >> 8), shot]));
    gun.stdin.end();
    return gun;
  }

  /** A socket that is read, and what comes dropped; its port comes as its first word. */
  async sink() {
    const sink = new Part(this.#program, ['sink']);
    return { port: Number(await sink.firstWord), stop: () => sink.cease() };
  }

  clear() {
    rmSync(this.#directory, { recursive: true });
  }
}

/** A process that counts until its end. */
class Part {
  firstWord;
  #child;
  #said = '';
  #ended;

  constructor(program, words) {
    this.#child = spawn(program, words.map(String), { stdio: ['pipe', 'pipe', 'inherit'] });
    this.#child.stdin.on('error', () => {}); // it ended before it had read all
    this.#child.stdout.setEncoding('utf8').on('data', (text) => (this.#said += text));
    this.firstWord = once(this.#child.stdout, 'data').then(([text]) => text);
    this.#ended = once(this.#child, 'close');
  }

  get stdin() {
    return this.#child.stdin;
  }

  /** What it counted, once it is over by itself. */
  async counted() {
    const [code] = await this.#ended;
    if (code !== 0) throw new Error(`the cannon ended with ${code}`);
    return JSON.parse(this.#said.trimEnd().split('\n').at(-1));
  }

  /** Ends it. Resolves with what it counted. */
  cease() {
    this.#child.kill('SIGTERM');
    return this.counted();
  }
}
