import { createHash } from 'node:crypto';
import type { Bytes } from '../../base/units.ts';
import type { SessionSecurity } from '../../security.ts';
import { securityJson } from '../json/json.ts';
import { SCHEMA } from '../json/json-lines.ts';
import { packageVersion } from '../version.ts';

/** One file as a receipt names it: by the name it was offered under, printable. */
interface ReceiptFile {
  readonly name: string;
  readonly status: string;
  readonly size: Bytes | undefined;
  readonly sha256: string | undefined;
}

/** What one side writes down of a transfer (docs/json.md). */
export interface Receipt {
  readonly role: 'sender' | 'receiver';
  readonly peer: string;
  readonly security: SessionSecurity | undefined;
  readonly files: readonly ReceiptFile[];
  /** Files that are missing in the list, so that there is no digest. */
  readonly omitted: number;
}

/** One line of JSON. */
export function receiptLine({ role, peer, security, files, omitted }: Receipt): string {
  const receipt = {
    schema: SCHEMA,
    type: 'receipt',
    role,
    time: new Date().toISOString(),
    udpcp: packageVersion(),
    peer,
    security: security === undefined ? undefined : securityJson(security),
    files: files.map(({ name, status, size, sha256 }) => ({ name, status, size, sha256 })),
    omitted,
    digest: omitted === 0 ? receiptDigest(files) : undefined,
  };
  return `${JSON.stringify(receipt, (_, value: unknown) => value ?? null)}\n`;
}

/**
 * Equal on both sides when the same files were stored: SHA-256, in hexadecimal, over a line `SHA256 SIZE NAME` for each
 * stored one, sorted by their bytes.
 */
function receiptDigest(files: readonly ReceiptFile[]): string {
  const lines = files
    .filter(({ status }) => status === 'stored')
    .map(({ name, size, sha256 }) => Buffer.from(`${sha256} ${size} ${name}\n`))
    .sort(Buffer.compare);
  const hash = createHash('sha256');
  for (const line of lines) hash.update(line);
  return hash.digest('hex');
}
