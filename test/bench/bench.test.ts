import { chmodSync, existsSync, mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { type Ended, ROOT, Running } from '../e2e/processes.ts';

const BENCH = join(ROOT, 'bench/bench.js');

interface Contender {
  readonly name: string;
  readonly wall: number;
  readonly sender: { readonly cpu: number; readonly peak?: number };
}

let directory: string;
beforeEach(() => {
  directory = mkdtempSync(join(tmpdir(), 'udpcp-bench-test-'));
});
afterEach(() => rmSync(directory, { recursive: true, force: true }));

/** Runs the benchmark with its files in `directory`. */
function bench(words: readonly string[], env: Readonly<Record<string, string>> = {}): Running {
  return new Running(words, { env: { TMPDIR: directory, ...env }, command: [process.execPath, BENCH] });
}

const resultsOf = (path: string) => JSON.parse(readFileSync(path, 'utf8'));

describe('npm run bench', { timeout: 120_000 }, () => {
  test('copies by every means, and tells people and machines what it took', async () => {
    const json = join(directory, 'results.json');
    const words = ['loopback', 'memory', '--size', '2Mi', '--runs', '1', '--json', json];
    const { code, stdout, stderr }: Ended = await bench(words).ended;
    expect(code, stderr).toBe(0);
    const { schema, parts } = resultsOf(json);
    expect(schema).toBe(1);
    const contenders: Contender[] = parts.loopback.contenders;
    expect(contenders.map(({ name }) => name)).toContain('udpcp --mtu 1500');
    for (const { name, wall, sender } of contenders) {
      expect(stdout).toContain(name);
      expect(wall).toBeGreaterThan(0);
      if (name !== 'cp') expect(sender.peak).toBeGreaterThan(2 ** 20);
    }
    expect(parts.memory.cases).toHaveLength(2);
    expect(readdirSync(directory)).toEqual(['results.json']);
  });

  test('sends from many into one directory, beside a slow sender and a silent one', async () => {
    const json = join(directory, 'results.json');
    const { code, stderr }: Ended = await bench(['senders', '--size', '1Mi', '--runs', '1', '--json', json]).ended;
    expect(code, stderr).toBe(0);
    expect(resultsOf(json).parts.senders.kept).toBeGreaterThan(0);
  });

  test.each([
    { fault: 'fails', script: 'exit 1', words: /^bench: .* ended with 1/m },
    { fault: 'damages the file', script: '/bin/cp "$1" "$2" && printf x >> "$2"', words: /is not what was sent/ },
    { fault: 'loses the end of the file', script: 'head -c 1000000 "$1" > "$2"', words: /is not what was sent/ },
  ])('a copy that $fault is an error and no number', async ({ script, words }) => {
    const json = join(directory, 'results.json');
    const cp = join(directory, 'cp');
    writeFileSync(cp, `#!/bin/sh\n${script}\n`);
    chmodSync(cp, 0o755);
    const { PATH = '' } = process.env;
    const env = { PATH: `${directory}:${PATH}` };
    const { code, stderr } = await bench(['loopback', '--size', '2Mi', '--runs', '1', '--json', json], env).ended;
    expect(code).toBe(1);
    expect(stderr).toMatch(words);
    expect(existsSync(json)).toBe(false);
    expect(readdirSync(directory)).toEqual(['cp']);
  });

  test('an interrupt leaves no files behind', async () => {
    const running = bench(['loopback', '--size', '64Mi', '--runs', '100']);
    await running.says(/warm-up: tcp/);
    const { code } = await running.kill('SIGINT');
    expect(code).toBe(130);
    expect(readdirSync(directory)).toEqual([]);
  });
});
