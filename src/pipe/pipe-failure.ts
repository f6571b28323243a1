import { UdpcpError } from '../errors.ts';
import { formatAddress } from '../net/address.ts';
import { printable } from '../printable.ts';
import { type Called, connectFailure } from '../send/send-failure.ts';
import type { PipeEnd } from '../transfer/pipe-session.ts';
import { CLOSE_CODE, closeCodeName } from '../wire/close-codes.ts';

/** Why a pipe failed, in words that say what to do next; undefined: it did not. `called`: this side was the caller. */
export function pipeFailure(end: PipeEnd, called?: Called): UdpcpError | undefined {
  switch (end.kind) {
    case 'complete':
      return undefined;
    case 'cancelled':
      return new UdpcpError('ERR_CANCELLED', 'interrupted');
    case 'silence':
      return new UdpcpError('ERR_IDLE_TIMEOUT', 'lost the other side: nothing was heard from it any more');
    case 'restart':
      return new UdpcpError(
        'ERR_PEER_CLOSED',
        'lost the other side: the one that answers now knows nothing of this pipe',
      );
    case 'output':
      return new UdpcpError('ERR_LOCAL_STORE', end.text);
    case 'input':
      return new UdpcpError('ERR_LOCAL_FILE', `cannot read the input: ${end.text}`);
    case 'not-a-pipe':
      return new UdpcpError('ERR_PROTOCOL', 'the other side is no pipe');
    case 'violation':
      return new UdpcpError('ERR_PROTOCOL', 'the other side broke the protocol');
    case 'no-session':
      return called && noSession(end.failure, called);
    case 'closed-by-peer':
      return closed(end.code, end.reason);
  }
}

function noSession(failure: Extract<PipeEnd, { kind: 'no-session' }>['failure'], called: Called): UdpcpError {
  const to = formatAddress({ address: called.host, port: called.port });
  if (failure.kind === 'refused' && failure.code === CLOSE_CODE.busy)
    return new UdpcpError('ERR_REFUSED', `${to} refused the session: it has a caller already`);
  return connectFailure(failure, to, called, 'udpcp pipe --listen');
}

function closed(code: number, reason: Uint8Array): UdpcpError {
  const text = `the other side ended the pipe: ${closeWords(code, reason)}`;
  if (code === CLOSE_CODE.store) return new UdpcpError('ERR_REMOTE_STORE', text);
  return new UdpcpError(code === CLOSE_CODE.transfer ? 'ERR_PROTOCOL' : 'ERR_PEER_CLOSED', text);
}

function closeWords(code: number, reason: Uint8Array): string {
  return printable(reason, { max: 200 }) || (closeCodeName(code) ?? `code ${code}`);
}

/** One line about somebody who called a pipe that listens, and was none. */
export function turnedAwayWords(peer: string, end: PipeEnd): string {
  switch (end.kind) {
    case 'not-a-pipe':
      return `turned ${peer} away: a file sender called; use udpcp recv for files`;
    case 'closed-by-peer':
      return `${peer} called and hung up: ${closeWords(end.code, end.reason)}`;
    default:
      return `${peer} called and said nothing`;
  }
}
