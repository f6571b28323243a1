/** What went wrong, for a program to branch on. The words of an error are for people and may change. */
export type UdpcpErrorCode =
  /** The caller's arguments make no sense. */
  | 'ERR_USAGE'
  /** The local address or port cannot be used. */
  | 'ERR_BIND'
  /** The host name has no address. */
  | 'ERR_RESOLVE'
  /** The peer answered and will not talk: busy, another version, protection or ARQ. */
  | 'ERR_REFUSED'
  /** The peers do not share a key. */
  | 'ERR_AUTHENTICATION'
  /** Nobody answered within the connect timeout. */
  | 'ERR_CONNECT_TIMEOUT'
  /** The network says that nobody listens there. */
  | 'ERR_UNREACHABLE'
  /** The peer fell silent during the session. */
  | 'ERR_IDLE_TIMEOUT'
  /** The peer talks and lets nothing move. */
  | 'ERR_NO_PROGRESS'
  /** The peer ended the session before it was complete. */
  | 'ERR_PEER_CLOSED'
  /** The peer broke the rules of the protocol. */
  | 'ERR_PROTOCOL'
  /** A file to send cannot be read or changed while it was read. */
  | 'ERR_LOCAL_FILE'
  /** The place where received files go cannot be used. */
  | 'ERR_LOCAL_STORE'
  /** The receiver refused the file or could not store it. */
  | 'ERR_REMOTE_STORE'
  /** What arrived is not what was sent. */
  | 'ERR_INTEGRITY'
  /** Some files were stored and some were not. */
  | 'ERR_PARTIAL'
  /** Interrupted on this side. */
  | 'ERR_CANCELLED';

/**
 * The one error of this package. `message` is one line that says what to do next; text that a peer supplied is in it
 * only after `printable`. `cause` holds what the system said.
 */
export class UdpcpError extends Error {
  override readonly name = 'UdpcpError';
  readonly code: UdpcpErrorCode;

  constructor(code: UdpcpErrorCode, message: string, options?: ErrorOptions) {
    super(message, options);
    this.code = code;
  }
}
