import { expect, test } from 'vitest';
import { resolveHost, resolveHostApart } from '../../src/net/resolve.ts';

test.each([
  ['127.0.0.1', 4],
  ['::1', 6],
])('resolveHost() takes the address %s as it is', async (address, family) => {
  expect(await resolveHost(address)).toEqual([{ address, family }]);
});

test('resolveHost() finds this machine, with at most one address of each family', async () => {
  const found = await resolveHost('localhost');
  expect(found.length).toBeGreaterThan(0);
  expect(new Set(found.map(({ family }) => family)).size).toBe(found.length);
});

test('resolveHost() says that a name has no address', async () => {
  const name = 'x'.repeat(300); // longer than any name can be, so that nobody is asked
  await expect(resolveHost(name)).rejects.toMatchObject({
    code: 'ERR_RESOLVE',
    message: `cannot find the host ${name}: no address is known for this name`,
  });
});

test.each(['localhost', '127.0.0.1'])('resolveHostApart() finds the same for %s', async (host) => {
  expect(await resolveHostApart(host, new AbortController().signal)).toEqual(await resolveHost(host));
});

test('resolveHostApart() fails when there is no address, and when it is ended', async () => {
  const going = new AbortController().signal;
  await expect(resolveHostApart('x'.repeat(300), going)).rejects.toThrow();
  await expect(resolveHostApart('localhost', AbortSignal.abort())).rejects.toMatchObject({ name: 'AbortError' });
});
