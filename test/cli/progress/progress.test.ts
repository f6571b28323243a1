import { Writable } from 'node:stream';
import { describe, expect, test } from 'vitest';
import { createProgress, type ProgressStream } from '../../../src/cli/progress/progress.ts';

/** A terminal, or a file, that remembers what was written. */
class Screen extends Writable {
  readonly isTTY: boolean;
  readonly columns: number;
  readonly writes: string[] = [];

  constructor(isTTY: boolean, columns: number) {
    super({ decodeStrings: false });
    this.isTTY = isTTY;
    this.columns = columns;
  }

  override _write(chunk: string, _encoding: string, done: () => void): void {
    this.writes.push(chunk);
    done();
  }

  get text(): string {
    return this.writes.join('');
  }
}

async function start({ isTTY = true, columns = 80, env = {}, quiet = false } = {}) {
  const screen = new Screen(isTTY, columns);
  const stream: ProgressStream = screen;
  return { screen, progress: await createProgress({ stream, env, quiet }) };
}

const at = (bytes: number) => ({ name: 'f', bytes, total: 100_000 });

describe('createProgress() on a terminal', () => {
  test('draws the first state at once and leaves the last one on a line of its own', async () => {
    const { screen, progress } = await start();
    progress.update(0, at(0));
    expect(screen.text).toContain('   0%  0 B of 100 kB');
    progress.update(1000, at(50_000));
    progress.update(2000, at(100_000));
    progress.finish();
    expect(screen.writes.at(-1)).toMatch(/^f .* 100% {2}100 kB of 100 kB {2}50 kB\/s {2}average 50 kB\/s\n$/);
  });

  test('does not draw at every update', async () => {
    const { screen, progress } = await start();
    for (let now = 0; now < 1000; now++) progress.update(now, at(now));
    expect(screen.writes.filter((text) => text.includes('%'))).toHaveLength(1);
    progress.finish();
  });

  test('clears its line for a note and draws itself again below', async () => {
    const { screen, progress } = await start();
    progress.update(0, at(1000));
    progress.note('stored a.txt');
    const [before = '', after = ''] = screen.text.split('stored a.txt\n');
    expect(before.endsWith('\x1b[1G\x1b[2K')).toBe(true);
    expect(after).toContain('1%');
    progress.finish();
  });

  test.each([1, 20, 80, 10_000])('never fills a line of %d columns', async (columns) => {
    const { screen, progress } = await start({ columns });
    progress.update(0, at(0));
    progress.update(1000, at(50_000));
    progress.finish();
    const lines = screen.writes.filter((text) => !text.startsWith('\x1b')).map((text) => text.trimEnd());
    expect(lines.length).toBeGreaterThan(0);
    expect(lines.filter((line) => line.length >= columns && line !== '')).toEqual([]);
  });

  test('takes a terminal of unknown width for one of 80 columns', async () => {
    const { screen, progress } = await start({ columns: 0 });
    progress.update(0, at(0));
    progress.finish();
    expect(screen.writes.at(-1)?.length).toBeGreaterThan(40);
  });

  test('rest() takes the line away, and what comes next begins at its own beginning', async () => {
    const { screen, progress } = await start();
    progress.update(0, at(90_000));
    progress.rest();
    expect(screen.text.endsWith('\x1b[2K')).toBe(true);
    progress.update(1000, at(1000));
    expect(screen.text).toMatch(/ 1% {2}1 kB of 100 kB[^%]*$/);
    progress.finish();
  });

  test('finish() without any update writes nothing', async () => {
    const { screen, progress } = await start();
    progress.finish();
    expect(screen.text).toBe('');
  });
});

describe('createProgress() without a bar', () => {
  const PLAIN = [
    { name: 'a file or a pipe', options: { isTTY: false } },
    { name: 'TERM=dumb', options: { env: { TERM: 'dumb' } } },
    { name: 'NO_COLOR', options: { env: { NO_COLOR: '1' } } },
  ];

  test.each(PLAIN)('writes a plain line every 10 s: $name', async ({ options }) => {
    const { screen, progress } = await start(options);
    for (let now = 0; now <= 25_000; now += 100) progress.update(now, at(now));
    progress.note('stored');
    progress.finish();
    expect(screen.writes).toEqual([
      'f   10%  10 kB of 100 kB  1 kB/s  average 1 kB/s  ETA 1 m 30 s\n',
      'f   20%  20 kB of 100 kB  1 kB/s  average 1 kB/s  ETA 1 m 20 s\n',
      'stored\n',
    ]);
  });

  test('rest() begins the 10 s anew', async () => {
    const { screen, progress } = await start({ isTTY: false });
    progress.update(0, at(90_000));
    progress.rest();
    progress.update(9000, at(0));
    progress.update(18_000, at(9000));
    expect(screen.text).toBe('');
    progress.update(19_000, at(10_000));
    expect(screen.text).toBe('f   10%  10 kB of 100 kB  1 kB/s  average 1 kB/s  ETA 1 m 30 s\n');
  });

  test('while nothing can move, a line every 30 s says why', async () => {
    const { screen, progress } = await start({ isTTY: false });
    for (let now = 0; now <= 65_000; now += 100)
      progress.update(now, { ...at(10_000), waiting: `reconnecting for ${now / 1000} s` });
    progress.finish();
    expect(screen.writes).toEqual([
      ' 10%  10 kB of 100 kB  reconnecting for 30 s\n',
      ' 10%  10 kB of 100 kB  reconnecting for 60 s\n',
    ]);
  });

  test('an empty NO_COLOR does not count (no-color.org)', async () => {
    const { screen, progress } = await start({ env: { NO_COLOR: '' } });
    progress.update(0, at(0));
    progress.finish();
    expect(screen.text).toContain('\x1b');
  });

  test('quiet writes nothing', async () => {
    const { screen, progress } = await start({ quiet: true });
    for (let now = 0; now <= 25_000; now += 100) progress.update(now, at(now));
    progress.note('stored');
    progress.finish();
    expect(screen.text).toBe('');
  });
});
