import { expect, test } from 'vitest';
import { GroupSync } from '../../src/store/group-sync.ts';

/** A sync whose runs end when the test says so. */
function controlled() {
  const runs: { end(error?: Error): void }[] = [];
  const group = new GroupSync(
    () =>
      new Promise((resolve, reject) => {
        runs.push({ end: (error) => (error === undefined ? resolve() : reject(error)) });
      }),
  );
  return { runs, group };
}

test('whoever asks while one runs waits for the next, and shares it', async () => {
  const { runs, group } = controlled();
  const done: string[] = [];
  const first = group.sync().then(() => done.push('first'));
  const second = group.sync().then(() => done.push('second'));
  const third = group.sync().then(() => done.push('third'));
  expect(runs).toHaveLength(1);
  runs[0]?.end();
  await first;
  await new Promise((resolve) => setImmediate(resolve));
  expect([runs.length, done]).toEqual([2, ['first']]);
  runs[1]?.end();
  await Promise.all([second, third]);
  expect(runs).toHaveLength(2);
  const last = group.sync();
  expect(runs).toHaveLength(3);
  runs[2]?.end();
  await last;
});

test('a failure is told to all who shared it, and to nobody after', async () => {
  const { runs, group } = controlled();
  const first = group.sync();
  const both = Promise.allSettled([group.sync(), group.sync()]);
  runs[0]?.end(new Error('first'));
  await expect(first).rejects.toThrow('first');
  await new Promise((resolve) => setImmediate(resolve));
  runs[1]?.end(new Error('second'));
  expect((await both).map(({ status }) => status)).toEqual(['rejected', 'rejected']);
  const later = group.sync();
  runs[2]?.end();
  await later;
});
