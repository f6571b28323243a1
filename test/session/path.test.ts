import { describe, expect, test } from 'vitest';
import { SeededPrng } from '../../src/base/prng.ts';
import { Path } from '../../src/session/path.ts';

const HOME = '[2001:db8::1]:5000';
const prng = new SeededPrng(1);

/** A path that moved to `address` at 0 and has until 1000 to be proven, after a packet of 100 bytes. */
function moved(address: string): Path {
  const path = new Path(HOME, prng);
  path.move(address, 1000);
  path.onReceived(100);
  return path;
}

describe('Path', () => {
  test('begins at an address that the handshake has proven: no limit, no challenge, no deadline', () => {
    const path = new Path(HOME, prng);
    expect([path.address, path.token, path.deadline, path.allows(1e9)]).toEqual([HOME, undefined, undefined, true]);
  });

  test.each([
    { address: '[2001:db8::1]:6000', same: true },
    { address: '[2001:db8::2]:5000', same: false },
    { address: '10.0.0.1:5000', same: false },
  ])('$address is the same host: $same', ({ address, same }) => {
    expect(new Path(HOME, prng).isSameHost(address)).toBe(same);
  });

  test('a new address is sent three times what came from it, no more', () => {
    const path = moved('elsewhere:1');
    expect([path.allows(300), path.allows(301)]).toEqual([true, false]);
    path.onSent(200);
    expect([path.allows(100), path.allows(101)]).toEqual([true, false]);
    path.onReceived(10);
    expect([path.allows(130), path.allows(131)]).toEqual([true, false]);
  });

  test('the token of its challenge, and no other, proves it', () => {
    const path = moved('elsewhere:1');
    const token = path.token as Uint8Array;
    expect(token).toHaveLength(8);
    path.onResponse(token.map((byte, i) => (i === 7 ? byte ^ 1 : byte)));
    path.onResponse(new Uint8Array(8));
    expect(path.token).toBe(token);
    path.onResponse(token.slice());
    expect([path.address, path.token, path.deadline, path.allows(1e9)]).toEqual([
      'elsewhere:1',
      undefined,
      undefined,
      true,
    ]);
  });

  test('every move has a token of its own: an answer to the last one proves nothing', () => {
    const path = moved('elsewhere:1');
    const old = path.token as Uint8Array;
    path.move('elsewhere:2', 2000);
    expect(path.token).not.toEqual(old);
    path.onResponse(old);
    expect(path.token).toBeDefined();
  });

  test('without an answer it goes back to the last address that was proven, when its time is up', () => {
    const path = moved('elsewhere:1');
    path.handleTimeout(999);
    expect(path.address).toBe('elsewhere:1');
    path.handleTimeout(1000);
    expect([path.address, path.token, path.deadline, path.allows(1e9)]).toEqual([HOME, undefined, undefined, true]);
  });

  test('a proven address is the one to go back to from then on', () => {
    const path = moved('elsewhere:1');
    path.onResponse(path.token as Uint8Array);
    path.move('elsewhere:2', 3000);
    path.handleTimeout(3000);
    expect(path.address).toBe('elsewhere:1');
  });

  test('a move back to the proven address needs no challenge', () => {
    const path = moved('elsewhere:1');
    path.move(HOME, 2000);
    expect([path.address, path.token, path.deadline]).toEqual([HOME, undefined, undefined]);
  });
});
