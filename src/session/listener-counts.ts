import type { Bytes } from '../base/units.ts';

/** What a listener counted; only ever grows. */
export interface ListenerCounts {
  /** Everything that came, whoever said it. */
  datagramsReceived: number;
  bytesReceived: Bytes;
  /** Datagrams for no session, and those of no known kind. */
  strays: number;
  /** HELLOs dropped unread because more came than sessions can spare the time for. */
  hellosUnread: number;
  /** HELLOs without a good cookie, which got one. */
  cookies: number;
  /** Handshakes answered with an ACCEPT; its repetitions do not count. */
  accepted: number;
  /** Of those, the ones whose initiators have proven themselves: sessions. */
  confirmed: number;
  /** HELLOs of proven addresses that were answered with a REFUSE: no room. */
  refusedBusy: number;
  /** The same: another key, protection or ARQ, or the listener is going away. */
  refusedOther: number;
}

export function emptyListenerCounts(): ListenerCounts {
  return {
    datagramsReceived: 0,
    bytesReceived: 0,
    strays: 0,
    hellosUnread: 0,
    cookies: 0,
    accepted: 0,
    confirmed: 0,
    refusedBusy: 0,
    refusedOther: 0,
  };
}
