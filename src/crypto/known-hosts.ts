import { mkdir, open, readFile } from 'node:fs/promises';
import { dirname } from 'node:path';
import { UdpcpError } from '../errors.ts';
import { printable } from '../printable.ts';
import { errorName, errorWords } from '../store/failure.ts';
import { formatIdentity, parseIdentity } from './identity.ts';
import type { PeerTrust } from './peer-trust.ts';

/** A receiver's place in the file. */
interface KnownHost {
  /** Counted from 1, as editors do. */
  readonly line: number;
  readonly identity: Uint8Array;
}

/**
 * The receivers that were met before: a file of lines `host:port udpcp1id_...`. Other lines are left alone. For each
 * host the first line counts. Two processes may use the file at once: it only ever grows, by whole lines.
 */
export class KnownHosts {
  readonly #path: string;
  readonly #hosts: ReadonlyMap<string, KnownHost>;
  /** The file has lines already, and the last of them has no end. */
  readonly #isCut: boolean;

  private constructor(path: string, text: string) {
    this.#path = path;
    this.#hosts = parseHosts(text);
    this.#isCut = text !== '' && !text.endsWith('\n');
  }

  /** A file that is not there holds nobody. Rejects with UdpcpError ERR_USAGE when it cannot be read. */
  static async read(path: string): Promise<KnownHosts> {
    try {
      return new KnownHosts(path, await readFile(path, 'utf8'));
    } catch (error) {
      const isMissing = errorName(error) === 'ENOENT' || errorName(error) === 'ENOTDIR';
      if (isMissing) return new KnownHosts(path, '');
      throw new UdpcpError('ERR_USAGE', `cannot read ${printable(path)}: ${errorWords(error)}`, { cause: error });
    }
  }

  /** The public key that this host showed first. */
  identityOf(host: string): Uint8Array | undefined {
    return this.#hosts.get(host)?.identity;
  }

  /** Trusts a host that was never met, and one that was met if it still is the same. */
  trust(host: string): PeerTrust {
    const known = this.#hosts.get(host);
    return (identity) => {
      if (known === undefined || (identity !== undefined && Buffer.compare(identity, known.identity) === 0)) return;
      const shown = identity === undefined ? 'shows no identity any more' : `now shows ${formatIdentity(identity)}`;
      return new UdpcpError(
        'ERR_AUTHENTICATION',
        `${printable(host)} is not the receiver it was: it ${shown}. Somebody may be in between; ` +
          `if it was set up anew, delete line ${known.line} of ${printable(this.#path)}`,
      );
    };
  }

  /**
   * Writes down a host that was met for the first time. Rejects with UdpcpError: ERR_AUTHENTICATION when another process
   * has just met it with another identity, ERR_USAGE when the file cannot be written.
   */
  async remember(host: string, identity: Uint8Array): Promise<void> {
    if (/\s/.test(host)) throw new RangeError('a host has no white space in it');
    const now = await KnownHosts.read(this.#path);
    const refusal = now.trust(host)(identity);
    if (refusal !== undefined) throw refusal;
    if (now.identityOf(host) !== undefined) return;
    try {
      await mkdir(dirname(this.#path), { recursive: true, mode: 0o700 });
      const file = await open(this.#path, 'a', 0o600);
      try {
        // One write in append mode: the system puts whole lines of several processes one after the other.
        await file.write(`${now.#isCut ? '\n' : ''}${host} ${formatIdentity(identity)}\n`);
        await file.sync();
      } finally {
        await file.close();
      }
    } catch (error) {
      throw new UdpcpError('ERR_USAGE', `cannot write ${printable(this.#path)}: ${errorWords(error)}`, {
        cause: error,
      });
    }
  }
}

/** How a host is named in the file: `host:port` in lower case, IPv6 in brackets. */
export function knownHostName(host: string, port: number): string {
  return `${host.includes(':') ? `[${host}]` : host}:${port}`.toLowerCase();
}

function parseHosts(text: string): Map<string, KnownHost> {
  const hosts = new Map<string, KnownHost>();
  text.split('\n').forEach((each, index) => {
    const [host = '', key = '', ...more] = each.trim().split(/\s+/);
    if (host === '' || host.startsWith('#') || more.length > 0 || hosts.has(host)) return;
    const identity = parseOrNothing(key);
    if (identity !== undefined) hosts.set(host, { line: index + 1, identity });
  });
  return hosts;
}

function parseOrNothing(key: string): Uint8Array | undefined {
  try {
    return parseIdentity(key);
  } catch {
    return undefined; // a line of another kind
  }
}
