import { describe, expect, test } from 'vitest';
import { sessionConfig } from '../../src/session/config.ts';
import { isWithin, offeredTerms, sessionTerms, settleTerms } from '../../src/session/session-terms.ts';

const SMALL = sessionConfig({ window: 10, maxDatagram: 1200, idleTimeout: 5000, creditWindow: 1000, maxAckDelay: 10 });
const LARGE = sessionConfig({ window: 99, maxDatagram: 9000, idleTimeout: 9000, creditWindow: 2000, maxAckDelay: 20 });

describe('negotiation', () => {
  test.each([
    { name: 'a small HELLO at a large acceptor', hello: SMALL, own: LARGE, ofIts: { credit: 2000, maxAckDelay: 20 } },
    { name: 'a large HELLO at a small acceptor', hello: LARGE, own: SMALL, ofIts: { credit: 1000, maxAckDelay: 10 } },
  ])('$name: the smaller limits hold, credit and ACK delay are each side’s own', ({ hello, own, ofIts }) => {
    const settled = settleTerms(own, offeredTerms(hello, 'plain'));
    expect(settled).toMatchObject({ window: 10, maxDatagram: 1200, idleTimeout: 5000, ...ofIts });
    expect(isWithin(settled, offeredTerms(hello, 'plain'))).toBe(true);
  });

  test('the ARQ is the initiator’s wish', () => {
    const hello = offeredTerms(sessionConfig({ arq: 'go-back-n' }), 'plain');
    expect(settleTerms(sessionConfig({ arq: 'stop-and-wait', window: 50 }), hello).arq).toBe('go-back-n');
  });

  test('fractions of a millisecond are rounded: the wire has none', () => {
    expect(offeredTerms(sessionConfig({ idleTimeout: 1234.6, maxAckDelay: 2.4 }), 'plain')).toMatchObject({
      idleTimeout: 1235,
      maxAckDelay: 2,
    });
  });

  test.each([
    ['window', 11],
    ['maxDatagram', 1201],
    ['idleTimeout', 5001],
    ['arq', 'go-back-n'],
    ['protection', 'noise'],
    ['suite', 1],
  ] as const)('an ACCEPT whose %s is beyond the HELLO is not within it', (field, value) => {
    const hello = offeredTerms(SMALL, 'plain');
    expect(isWithin(hello, hello)).toBe(true);
    expect(isWithin({ ...hello, [field]: value }, hello)).toBe(false);
  });

  test.each([
    [undefined, 1200],
    [65_507, 1200],
    [1300, 1200],
  ])('a limit of one’s own (%s) raises nothing above what was agreed', (sendLimit, expected) => {
    const ids = { localId: { hi: 0, lo: 1 }, remoteId: { hi: 0, lo: 2 } };
    const settled = settleTerms(LARGE, offeredTerms(SMALL, 'plain'));
    const config = { ...LARGE, sendLimit };
    expect(sessionTerms('acceptor', config, ids, settled, settled).sendLimit).toBe(expected);
    const large = settleTerms(LARGE, offeredTerms(LARGE, 'plain'));
    expect(sessionTerms('acceptor', config, ids, large, large).sendLimit).toBe(Math.min(sendLimit ?? 9000, 9000));
  });

  test('each side sends by the other’s credit and ACK delay', () => {
    const ids = { localId: { hi: 0, lo: 1 }, remoteId: { hi: 0, lo: 2 } };
    const settled = settleTerms(LARGE, offeredTerms(SMALL, 'plain'));
    expect(sessionTerms('initiator', SMALL, ids, settled, settled)).toMatchObject({
      ...{ sendCredit: 2000, receiveCredit: 1000, peerMaxAckDelay: 20, maxAckDelay: 10, window: 10 },
    });
    expect(sessionTerms('acceptor', LARGE, ids, settled, offeredTerms(SMALL, 'plain'))).toMatchObject({
      ...{ sendCredit: 1000, receiveCredit: 2000, peerMaxAckDelay: 10, maxAckDelay: 20, window: 10 },
    });
  });
});
