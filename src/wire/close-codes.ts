/** Why a session ends or is refused; uint16 on the wire (PROTOCOL.md, section "Close codes"). */
export const CLOSE_CODE = {
  noError: 0,
  internal: 1,
  protocol: 2,
  cancelled: 3,
  shuttingDown: 4,
  busy: 5,
  limit: 6,
  protectionRequired: 7,
  arqUnsupported: 8,
  replaced: 9,
  transfer: 10,
  noProgress: 11,
  key: 12,
  store: 13,
} as const;

export type CloseCodeName = keyof typeof CLOSE_CODE;

const NAMES = Object.keys(CLOSE_CODE) as CloseCodeName[];

/** The name of a code that came from the peer; undefined for a code this version does not know. */
export function closeCodeName(code: number): CloseCodeName | undefined {
  return NAMES.find((name) => CLOSE_CODE[name] === code);
}
