import type { ReceiveEvent } from '../../src/receive/receive-event.ts';
import type { ReceiveProgress } from '../../src/receive/receive-progress.ts';
import { emptyStats, type SessionStats } from '../../src/session/stats.ts';

/** A transfer that goes on, with what the test says of it. */
export function progressOf(
  transfer: number,
  stats: Partial<SessionStats> = {},
  fields: Partial<ReceiveProgress> = {},
): ReceiveProgress {
  return {
    transfer,
    peer: `192.0.2.1:${transfer}`,
    name: `file ${transfer}`,
    bytes: 0,
    resumed: 0,
    bytesTotal: 0,
    elapsed: 0,
    srtt: undefined,
    ...fields,
    stats: { ...emptyStats(), ...stats },
  };
}

/** The same transfer once it has ended. */
export function endOf(
  { transfer, peer, bytes, elapsed, stats }: ReceiveProgress,
  fields: Partial<Extract<ReceiveEvent, { kind: 'ended' }>> = {},
): ReceiveEvent {
  const security = { protection: 'noise', fingerprint: undefined, identity: undefined } as const;
  return {
    kind: 'ended',
    transfer,
    peer,
    end: 'complete',
    text: '',
    stored: 1,
    alreadyThere: 0,
    resumedBytes: 0,
    failed: 0,
    bytes,
    elapsed,
    security,
    stats,
    ...fields,
  };
}

/** A file of a transfer that was stored. */
export function storedOf(transfer: number, size: number): ReceiveEvent {
  const file = {
    name: 'f',
    status: 'stored',
    code: 0,
    text: '',
    size,
    sha256: '00',
    resumedBytes: 0,
    alreadyThere: false,
  } as const;
  return { kind: 'file', transfer, peer: '192.0.2.1:1', file };
}
