import type { Millis } from '../base/units.ts';
import type { PeerTrust } from '../crypto/peer-trust.ts';
import { UdpcpError, type UdpcpErrorCode } from '../errors.ts';
import { formatAddress } from '../net/address.ts';
import { printable } from '../printable.ts';
import type { ConnectFailure } from '../session/initiator.ts';
import { TRANSFER_CODE } from '../transfer/codes.ts';
import type { SenderEnd } from '../transfer/sender.ts';
import { CLOSE_CODE, closeCodeName } from '../wire/close-codes.ts';
import type { ProtectionName } from '../wire/terms.ts';
import type { SentFile } from './send-result.ts';

/** Who was called, how, and for how long silence was borne. */
export interface Called {
  readonly host: string;
  readonly port: number;
  readonly connectTimeout: Millis;
  readonly idleTimeout: Millis;
  readonly protection: ProtectionName;
  readonly trust?: PeerTrust | undefined;
}

/** Why a sending failed, in words that say what to do next; undefined: it did not. */
export function failureOf(end: SenderEnd, files: readonly SentFile[], called: Called): UdpcpError | undefined {
  const to = formatAddress({ address: called.host, port: called.port });
  switch (end.kind) {
    case 'complete':
      return fileFailure(files);
    case 'cancelled':
      return new UdpcpError('ERR_CANCELLED', 'interrupted; send again to go on with what the receiver has');
    case 'silence':
      return new UdpcpError(
        'ERR_IDLE_TIMEOUT',
        `lost the receiver: nothing was heard from ${to} for ${called.idleTimeout / 1000} s; send again when the network is back`,
      );
    case 'restart':
      return new UdpcpError(
        'ERR_PEER_CLOSED',
        `lost the receiver: the one that answers at ${to} now knows nothing of this transfer; send again to go on with what it has`,
      );
    case 'no-progress':
      return new UdpcpError(
        'ERR_NO_PROGRESS',
        `the receiver at ${to} answers and takes nothing any more: is its disk stuck? Send again to go on with what it has`,
      );
    case 'no-session':
      return connectFailure(end.failure, to, called);
    case 'closed-by-peer':
      if (end.code === CLOSE_CODE.replaced) return new UdpcpError('ERR_PEER_CLOSED', REPLACED);
      return new UdpcpError(
        peerCloseCode(end.code),
        `the receiver ended the transfer: ${closeWords(end.code, end.reason)}`,
      );
    case 'violation':
      return new UdpcpError('ERR_PROTOCOL', `the receiver broke the protocol: ${printable(end.text)}`);
  }
}

/** Only a sender that had not been heard for a while is replaced: it hears of it when it comes back. */
const REPLACED =
  'another sender took over: while nothing was heard from this one, a newer `udpcp send` of the same file went on where it had stopped';
/** The same, after trying for so long to get another session. */
export function gaveUp(failure: UdpcpError, triedFor: Millis): UdpcpError {
  const text = `${failure.message} (tried again for ${Math.round(triedFor / 1000)} s)`;
  return new UdpcpError(failure.code, text, { cause: failure });
}

/** Why no session came about; `command` is what should listen there. */
export function connectFailure(
  failure: ConnectFailure,
  to: string,
  called: Called,
  command = 'udpcp recv',
): UdpcpError {
  const { port, connectTimeout } = called;
  switch (failure.kind) {
    case 'connect-timeout':
      return new UdpcpError(
        'ERR_CONNECT_TIMEOUT',
        `no answer from ${to} over UDP in ${connectTimeout / 1000} s: is \`${command}\` running there, and does the firewall let UDP port ${port} through?`,
      );
    case 'unreachable':
      return new UdpcpError(
        'ERR_UNREACHABLE',
        `nobody listens at ${to} over UDP: start \`${command}\` there, or check the port and the firewall`,
      );
    case 'version':
      return new UdpcpError(
        'ERR_REFUSED',
        `${to} speaks other versions of the protocol (${failure.versions.join(', ')}): update the older side`,
      );
    case 'refused':
      return refusal(failure.code, to, called);
    case 'untrusted':
      return called.trust?.(failure.identity) ?? new UdpcpError('ERR_AUTHENTICATION', `${to} is not trusted`);
  }
}

function refusal(code: number, to: string, { protection }: Called): UdpcpError {
  if (code === CLOSE_CODE.key) {
    const what =
      protection === 'noise-psk'
        ? "the key is not the receiver's: give both sides the same one"
        : 'the receiver wants a key: give its own with --key-file';
    return new UdpcpError('ERR_AUTHENTICATION', `${to} refused the session: ${what}`);
  }
  const words =
    code === CLOSE_CODE.protectionRequired ? OTHER_PROTECTION[protection] : (REFUSALS[code] ?? closeWords(code));
  return new UdpcpError('ERR_REFUSED', `${to} refused the session: ${words}`);
}

/** What a receiver that wants another protection must be like: one with a key says so by another code. */
const OTHER_PROTECTION: Record<ProtectionName, string> = {
  plain: 'the receiver encrypts; leave out --plaintext',
  noise: 'the receiver speaks plaintext only; to send without encryption, say --plaintext',
  'noise-psk': 'the receiver has no key; start it with the same --key-file',
};

const REFUSALS: Record<number, string> = {
  [CLOSE_CODE.busy]: 'it serves as many senders as it can; try again later',
  [CLOSE_CODE.shuttingDown]: 'it is shutting down',
  [CLOSE_CODE.arqUnsupported]: 'it does not support this ARQ; choose another with --arq',
};

function closeWords(code: number, reason?: Uint8Array): string {
  const text = reason === undefined ? '' : printable(reason, { max: 200 });
  return text === '' ? (closeCodeName(code) ?? `code ${code}`) : text;
}

function peerCloseCode(code: number): UdpcpErrorCode {
  if (code === CLOSE_CODE.store) return 'ERR_REMOTE_STORE';
  return code === CLOSE_CODE.protocol || code === CLOSE_CODE.transfer ? 'ERR_PROTOCOL' : 'ERR_PEER_CLOSED';
}

const isGood = ({ status }: SentFile): boolean => status === 'stored' || status === 'skipped';

function fileFailure(files: readonly SentFile[]): UdpcpError | undefined {
  const failed = files.filter((file) => !isGood(file));
  const [first] = failed;
  if (first === undefined) return undefined;
  if (failed.length < files.length) {
    return new UdpcpError('ERR_PARTIAL', `${failed.length} of ${files.length} files were not stored`);
  }
  const text = files.length === 1 ? fileWords(first) : `none of the ${files.length} files was stored`;
  return new UdpcpError(fileCode(first.code), text);
}

/** One line about a file that was not stored. */
export function fileWords({ path, status, text }: SentFile): string {
  const verb = status === 'refused' ? 'the receiver refused it' : 'it was not stored';
  return `${printable(path)}: ${verb}: ${text}`;
}

function fileCode(code: number): UdpcpErrorCode {
  switch (code) {
    case TRANSFER_CODE.digest:
      return 'ERR_INTEGRITY';
    case TRANSFER_CODE.sourceChanged:
    case TRANSFER_CODE.sourceUnreadable:
      return 'ERR_LOCAL_FILE';
    default:
      return 'ERR_REMOTE_STORE';
  }
}
