import type { Bytes } from '../base/units.ts';

/** What a session counted; only ever grows. */
export interface SessionStats {
  datagramsSent: number;
  bytesSent: Bytes;
  datagramsReceived: number;
  bytesReceived: Bytes;
  /** Packet numbers of the peer from the first to the newest that came: they tell of packets that did not come, and of a few that it skipped. */
  packetsExpected: number;
  /** Datagrams with DATA sent, first time and again. */
  dataSent: number;
  /** Datagrams with DATA that carried stream bytes sent before. */
  dataResent: number;
  /** Packets declared lost. */
  packetsLost: number;
  /** Packets declared lost whose ACK came after all. */
  spuriousLosses: number;
  /** Datagrams dropped because their tag was wrong or their frames made no sense. */
  damaged: number;
  /** Packets that came again. */
  duplicates: number;
  /** Packets whose DATA was not kept: out of order where the ARQ keeps none. */
  notKept: number;
  acksSent: number;
  probesSent: number;
}

export function emptyStats(): SessionStats {
  return {
    datagramsSent: 0,
    bytesSent: 0,
    datagramsReceived: 0,
    bytesReceived: 0,
    packetsExpected: 0,
    dataSent: 0,
    dataResent: 0,
    packetsLost: 0,
    spuriousLosses: 0,
    damaged: 0,
    duplicates: 0,
    notKept: 0,
    acksSent: 0,
    probesSent: 0,
  };
}

/** Packets of the peer that came, each counted once. */
export function packetsCame({ datagramsReceived, damaged, duplicates }: SessionStats): number {
  return Math.max(0, datagramsReceived - damaged - duplicates);
}

/** The share of the peer's packet numbers that has not come: those under way included, and the few that it skipped. */
export function missingRate(stats: SessionStats): number {
  return Math.max(0, stats.packetsExpected - packetsCame(stats)) / Math.max(1, stats.packetsExpected);
}

/** The share of our datagrams that was declared lost, rightly or too early. */
export function lossRate({ packetsLost, datagramsSent }: SessionStats): number {
  return packetsLost / Math.max(1, datagramsSent);
}

/** What two sessions counted together; neither is changed. */
export function addStats(before: SessionStats | undefined, more: SessionStats): SessionStats {
  const sum = { ...more };
  if (before === undefined) return sum;
  for (const name of Object.keys(sum) as (keyof SessionStats)[]) sum[name] += before[name];
  return sum;
}
