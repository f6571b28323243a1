import { describe, expect, test } from 'vitest';
import { nextCall, RetryPauses } from '../../src/send/retry-policy.ts';
import { CLOSE_CODE } from '../../src/wire/close-codes.ts';

const closed = (code: number) => ({ kind: 'closed-by-peer', code, reason: new Uint8Array(0) }) as const;
const refused = (code: number) => ({ kind: 'no-session', failure: { kind: 'refused', code } }) as const;
const failed = (kind: 'connect-timeout' | 'unreachable') => ({ kind: 'no-session', failure: { kind } }) as const;

describe('nextCall() after', () => {
  test.each([
    // What ended the call, whether another one follows the first call, and a later one.
    [{ kind: 'silence' }, 'soon', 'soon'],
    [{ kind: 'restart' }, 'soon', 'soon'],
    [{ kind: 'complete' }, undefined, undefined],
    [{ kind: 'cancelled' }, undefined, undefined],
    [{ kind: 'violation', text: 'x' }, undefined, undefined],
    [{ kind: 'no-progress' }, undefined, undefined],
    [failed('connect-timeout'), undefined, 'soon'],
    [failed('unreachable'), undefined, 'soon'],
    [{ kind: 'no-session', failure: { kind: 'version', versions: [9] } }, undefined, undefined],
    [{ kind: 'no-session', failure: { kind: 'untrusted', identity: undefined } }, undefined, undefined],
    [refused(CLOSE_CODE.busy), 'later', 'later'],
    [refused(CLOSE_CODE.shuttingDown), undefined, 'later'],
    [refused(CLOSE_CODE.internal), undefined, 'later'],
    [refused(CLOSE_CODE.key), undefined, undefined],
    [refused(CLOSE_CODE.protectionRequired), undefined, undefined],
    [refused(CLOSE_CODE.arqUnsupported), undefined, undefined],
    [closed(CLOSE_CODE.shuttingDown), 'later', 'later'],
    [closed(CLOSE_CODE.internal), 'later', 'later'],
    [closed(CLOSE_CODE.busy), 'later', 'later'],
    [closed(CLOSE_CODE.limit), 'later', 'later'],
    [closed(CLOSE_CODE.cancelled), undefined, undefined],
    [closed(CLOSE_CODE.replaced), undefined, undefined],
    [closed(CLOSE_CODE.noProgress), undefined, undefined],
    [closed(CLOSE_CODE.transfer), undefined, undefined],
    [closed(999), undefined, undefined],
  ] as const)('%j', (end, first, later) => {
    const whole = { ...end, outcomes: [] };
    expect([nextCall(whole, false), nextCall(whole, true)]).toEqual([first, later]);
  });
});

describe('RetryPauses.next()', () => {
  test('calls somebody who was not heard a second after the call before began, or at once after a long one', () => {
    const pauses = new RetryPauses();
    expect([0, 0.5, 1].map((random) => pauses.next('soon', 0, random))).toEqual([750, 875, 1000]);
    expect([400, 1000, 10_000].map((spent) => pauses.next('soon', spent, 1))).toEqual([600, 0, 0]);
  });

  test('doubles for somebody who says no, up to half a minute, until it went on', () => {
    const pauses = new RetryPauses();
    const next = () => pauses.next('later', 0, 0.5);
    expect(Array.from({ length: 7 }, next)).toEqual([1000, 2000, 4000, 8000, 16_000, 30_000, 30_000]);
    pauses.reset();
    expect([next(), pauses.next('later', 0, 0), pauses.next('later', 0, 1)]).toEqual([1000, 1500, 5000]);
  });
});
