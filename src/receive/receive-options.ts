import type { Bytes } from '../base/units.ts';
import type { Network } from '../net/allow-list.ts';
import type { ChannelChoice } from '../net/live-channels.ts';
import type { ReceiveSecurity } from '../security.ts';
import type { SessionConfig } from '../session/config.ts';
import type { StoreOptions } from '../store/file-store.ts';
import type { StreamStore } from '../store/stream-store.ts';
import type { ReceiveEvent } from './receive-event.ts';

/** Where received files go, and who may send. */
export interface ReceiveOptions extends StoreOptions {
  /** The directory; created when only its last component is missing. Or one file goes to a stream, whatever its name. */
  readonly out: string | StreamStore;
  /** Local address; every one of this machine unless given. */
  readonly address?: string | undefined;
  /** 9000 unless given; 0: any free one. */
  readonly port?: number | undefined;
  /** Who may send: datagrams from anywhere else are dropped unread. Everyone unless given. */
  readonly allow?: readonly Network[] | undefined;
  /** Transfers at once, those that are beginning included; 256 unless given. */
  readonly maxSessions?: number | undefined;
  readonly session?: Partial<SessionConfig> | undefined;
  /** Encrypted unless told otherwise. */
  readonly security?: ReceiveSecurity | undefined;
  /** Largest IP packet to take or send, 1228 (IPv6: 1248) to 65,535 bytes; unless given we take any and send small ones. */
  readonly mtu?: Bytes | undefined;
  /** A bad network to try it on. */
  readonly channel?: ChannelChoice | undefined;
  /** Closes the receiver, as its `close` does. */
  readonly signal?: AbortSignal | undefined;
  readonly onEvent?: ((event: ReceiveEvent) => void) | undefined;
}
