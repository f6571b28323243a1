import { expect, test } from 'vitest';
import { Channel } from '../../../src/channel/channel.ts';
import { run, steady } from '../run.ts';

test('delay delivers everything exactly that much later, in order', () => {
  const pushes = steady(100, 3);
  const arrivals = run(new Channel<number>({ delay: 250 }, 1, 'out'), pushes);
  expect(arrivals).toEqual(pushes.map(({ at, bytes }, index) => ({ at: at + 250, bytes, index })));
});
