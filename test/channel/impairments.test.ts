import { describe, expect, test } from 'vitest';
import type { ChannelSpec } from '../../src/channel/spec.ts';
import { judgeAll, steady } from './run.ts';

const all: ChannelSpec = {
  dropList: [{ first: 0, last: 0 }],
  blackouts: [{ start: 0, duration: 1 }],
  mtu: 0,
  loss: 1,
  burst: { enter: 1, leave: 0 },
};
const { dropList: _dropList, ...withoutList } = all;
const { blackouts: _blackouts, ...withoutBlackouts } = withoutList;
const { mtu: _mtu, ...withoutMtu } = withoutBlackouts;
const { loss: _loss, ...burstOnly } = withoutMtu;

describe('impairments', () => {
  test.each([
    { cause: 'drop-list', spec: all },
    { cause: 'blackout', spec: withoutList },
    { cause: 'mtu', spec: withoutBlackouts },
    { cause: 'loss', spec: withoutMtu },
    { cause: 'burst', spec: burstOnly },
  ])('lose a datagram once, for the first cause in their order: $cause', ({ cause, spec }) => {
    expect(judgeAll(spec, 1, steady(1, 1))).toEqual([{ cause, copies: [] }]);
  });

  test('add up the wait at the bottleneck, the delay, and the duplicate that comes later', () => {
    const spec: ChannelSpec = { rate: 1, delay: 100, duplicate: { probability: 1, maxDelay: 0 } };
    expect(judgeAll(spec, 1, steady(1, 1, 10))).toEqual([{ copies: [{ delay: 110 }, { delay: 120 }] }]);
  });
});
