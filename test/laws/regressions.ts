import type { Scenario } from './scenario.ts';

const FILE = {
  size: 195,
  fill: 'random',
  sizeKnown: true,
  pieceSize: 1157,
  sourceFails: undefined,
  storeFault: undefined,
} as const;

/** Scenarios that failed once. */
export const REGRESSIONS: readonly Scenario[] = [
  // A sender whose goodbye was over, beside a receiver that had not heard it, was busy without end.
  {
    seed: 3967395094208565,
    files: [{ ...FILE, size: 1, fill: 'zeros', sizeKnown: false }],
    arq: 'go-back-n',
    window: 4,
    congestion: 'new-reno',
    creditWindow: 655360,
    forward: {
      reorder: { probability: 0.319, gap: 297 },
      corrupt: 0.188,
      blackouts: [
        { start: 48217, duration: 1344 },
        { start: 16389, duration: 49121 },
      ],
      delay: 247,
      jitter: 448.799,
      burst: { enter: 0.009672619047619046, leave: 0.08333333333333333 },
      rate: 4415,
      queue: 1017600,
    },
    backward: {
      loss: 0.173,
      duplicate: { probability: 0.069, maxDelay: 34480 },
      reorder: { probability: 0.282, gap: 9 },
      corrupt: 0.292,
      delay: 739,
      jitter: 1217.872,
      burst: { enter: 0.00845986984815618, leave: 0.1 },
      rate: 3948,
      queue: 865200,
    },
    disk: { tick: 55, steps: 1 },
    faultsUntil: 50645,
  },
  // The acceptor took a blackout after its ACCEPT for the path's round trip: its timeouts were minutes.
  {
    seed: 7070876912029273,
    files: [FILE],
    arq: 'go-back-n',
    window: 59,
    congestion: 'fixed',
    creditWindow: 65536,
    forward: {
      loss: 0.183,
      corrupt: 0.078,
      truncate: 0.036,
      blackouts: [{ start: 4540, duration: 40852 }],
      burst: { enter: 0.003877214403530193, leave: 0.017543859649122806 },
    },
    backward: { loss: 0.267, corrupt: 0.136, rate: 1338, queue: 288000 },
    disk: undefined,
    faultsUntil: 77326,
  },
  // The acceptor had forgotten its pending session when the path came back 20 s after its ACCEPT.
  {
    seed: 1,
    files: [FILE],
    arq: 'selective-repeat',
    window: 64,
    congestion: 'new-reno',
    creditWindow: 65536,
    forward: { delay: 50, blackouts: [{ start: 150, duration: 20_000 }] },
    backward: { delay: 50 },
    disk: undefined,
    faultsUntil: 30_000,
  },
];
