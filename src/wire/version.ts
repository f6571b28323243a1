import { CHECKSUM, checksumHolds, writeChecksum } from './checksum.ts';
import { type ConnectionId, readId, writeId } from './connection-id.ts';
import { type Malformed, malformed } from './malformed.ts';

export const VERSION_TYPE = 0x04;
/** The most versions that one VERSION names. */
const MAX_VERSIONS = 8;

const LAYOUT = { type: 0, version: 1, initiatorId: 2, count: 10, versions: 11 } as const;

/** Acceptor to initiator: not your version, but these. A hint: anyone could have sent it. */
export interface Version {
  readonly kind: 'version';
  readonly initiatorId: ConnectionId;
  /** 1..8 of them, each 0..255. */
  readonly versions: readonly number[];
}

/** Bytes of a VERSION that names so many versions, CRC included. */
function versionLength(count: number): number {
  return LAYOUT.versions + count + CHECKSUM;
}

/** Writes a VERSION at 0, CRC included; returns its length. Its version byte is 0: it belongs to no version. */
export function encodeVersion(out: Uint8Array, version: Omit<Version, 'kind'>): number {
  out[LAYOUT.type] = VERSION_TYPE;
  out[LAYOUT.version] = 0;
  writeId(out, LAYOUT.initiatorId, version.initiatorId);
  out[LAYOUT.count] = version.versions.length;
  out.set(version.versions, LAYOUT.versions);
  return writeChecksum(out, LAYOUT.versions + version.versions.length);
}

/** The first byte is known to be `VERSION_TYPE`. */
export function decodeVersion(datagram: Uint8Array): Version | Malformed {
  if (datagram.length < versionLength(1)) return malformed('truncated');
  if (datagram.length > versionLength(MAX_VERSIONS)) return malformed('length');
  if (!checksumHolds(datagram)) return malformed('checksum');
  if (datagram[LAYOUT.version] !== 0) return malformed('version');
  const count = datagram[LAYOUT.count] as number;
  if (count < 1 || count > MAX_VERSIONS) return malformed('range');
  const length = versionLength(count);
  if (datagram.length !== length) return malformed(datagram.length < length ? 'truncated' : 'length');
  const versions = [...datagram.subarray(LAYOUT.versions, LAYOUT.versions + count)];
  return { kind: 'version', initiatorId: readId(datagram, LAYOUT.initiatorId), versions };
}
