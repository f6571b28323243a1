/** udpcp as a library: what the command line is made of. */
export type { Bytes, BytesPerMilli, Millis } from './base/units.ts';
export { type BadRecording, parseRecording, type Recording } from './channel/recording-parser.ts';
export type { ChannelSpec } from './channel/spec.ts';
export type { ChannelStats } from './channel/stats.ts';
export { type Identity, loadIdentity, parseIdentity } from './crypto/identity.ts';
export { KnownHosts, knownHostName } from './crypto/known-hosts.ts';
export { type PeerTrust, trustOnly } from './crypto/peer-trust.ts';
export { parseSharedKey, readSharedKeyFile, SharedKey } from './crypto/shared-key.ts';
export { UdpcpError, type UdpcpErrorCode } from './errors.ts';
export type { ChannelChoice } from './net/live-channels.ts';
export { type ConnectPipeOptions, connectPipe } from './pipe/connect-pipe.ts';
export { type ListenPipeOptions, listenPipe, PipeListener } from './pipe/listen-pipe.ts';
export { PipeError, type PipeOptions, type PipeResult, type PipeStreams } from './pipe/pipe-result.ts';
export type { ReceivedFile, ReceiveEvent } from './receive/receive-event.ts';
export {
  FileReceiver,
  type ReceiveCounts,
  type ReceiveOptions,
  type ReceiveProgress,
  receiveFiles,
} from './receive/receive-files.ts';
export type { ReceiveSecurity, SendSecurity, SessionSecurity } from './security.ts';
export { SendError, type SendInput, type SendOptions, sendFile } from './send/send-file.ts';
export type { Reconnecting, RetryEvent, SendProgress, SendResumption } from './send/send-progress.ts';
export type { SendResult, SentFile } from './send/send-result.ts';
export type { SessionConfig } from './session/config.ts';
export type { SessionStats } from './session/stats.ts';
export { type SimulateOptions, type SimulateResult, simulate } from './simulate.ts';
export { EXISTS_POLICIES, type ExistsPolicy } from './store/exists-policy.ts';
export type { LeftOut, LeftOutReason } from './store/outgoing/left-out.ts';
export type { NamedStream } from './store/outgoing/stream-source.ts';
export { StreamStore } from './store/stream-store.ts';
