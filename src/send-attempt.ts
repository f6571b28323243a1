import type { Millis } from './base/units.ts';
import { SystemRandom } from './crypto/random.ts';
import { UdpcpError } from './errors.ts';
import { addressKey } from './net/address.ts';
import { clock, Driver } from './net/driver.ts';
import type { LiveChannels } from './net/live-channels.ts';
import type { HostAddress } from './net/resolve.ts';
import { UdpSocket } from './net/udp-socket.ts';
import type { SessionConfig } from './session/config.ts';
import type { OutgoingEntry } from './transfer/ports.ts';
import { Sender, type SenderEnd } from './transfer/sender.ts';

const PROGRESS_INTERVAL: Millis = 100;

/** What is sent, through which channel, and who wants to know. */
export interface Sending {
  readonly entries: readonly OutgoingEntry[];
  readonly port: number;
  readonly session: SessionConfig;
  readonly channels: LiveChannels;
  readonly signal: AbortSignal | undefined;
  /** Called ten times a second, and once at the end. */
  readonly onProgress: ((sender: Sender) => void) | undefined;
}

/** How a sending to one address went. */
export interface Attempt {
  readonly end: SenderEnd;
  readonly sender: Sender;
  /** From the first HELLO to the end. */
  readonly elapsed: Millis;
}

/**
 * Sends to the first of a host's addresses at which somebody answers; each gets its share of the connect timeout.
 * Rejects with UdpcpError when there is no way to any of them.
 */
export async function sendToFirst(addresses: readonly HostAddress[], sending: Sending): Promise<Attempt> {
  const connectTimeout = sending.session.connectTimeout / addresses.length;
  const patient = { ...sending, session: { ...sending.session, connectTimeout } };
  const [next, ...others] = addresses;
  if (next === undefined) throw new UdpcpError('ERR_RESOLVE', 'no address to send to');
  let attempt: Attempt | undefined;
  let failure: unknown;
  for (const address of [next, ...others]) {
    try {
      attempt = await sendTo(address, patient);
      if (!isUnanswered(attempt.end)) return attempt;
    } catch (error) {
      if (!(error instanceof UdpcpError && error.code === 'ERR_UNREACHABLE')) throw error;
      failure ??= error;
    }
  }
  if (attempt === undefined) throw failure;
  return attempt;
}

function isUnanswered(end: SenderEnd): boolean {
  return end.kind === 'no-session' && (end.failure.kind === 'unreachable' || end.failure.kind === 'connect-timeout');
}

/** Drives one sender until its goodbye is said. */
async function sendTo({ address, family }: HostAddress, sending: Sending): Promise<Attempt> {
  const { entries, port, session, channels, signal, onProgress } = sending;
  const socket = await UdpSocket.connect({ address, port }, family);
  const startedAt = clock();
  const wake = (): void => driver.wake();
  const sender = new Sender(startedAt, entries, session, new SystemRandom(), addressKey(address, port), wake);
  const cancel = (): void => {
    sender.cancel(clock(), 'the sender was interrupted');
    driver.wake();
  };
  const report = (): void => onProgress?.(sender);
  let endedAt: Millis | undefined;
  let settle: (end: SenderEnd) => void = () => {};
  let fail: (error: unknown) => void = () => {};
  const over = new Promise<SenderEnd>((resolve, reject) => {
    settle = resolve;
    fail = reject;
  });
  const hooks = {
    onTurn: (now: Millis) => {
      if (sender.end === undefined) return;
      endedAt ??= now;
      if (sender.isDone) settle(sender.end);
    },
    onUnreachable: (now: Millis) => sender.endpoint.handleUnreachable(now),
    onDefect: (error: unknown) => fail(error),
  };
  const driver = new Driver(socket, sender, hooks, channels);
  const timer = onProgress && setInterval(report, PROGRESS_INTERVAL);
  signal?.addEventListener('abort', cancel, { once: true });
  if (signal?.aborted) cancel();
  try {
    const end = await over;
    report();
    return { end, sender, elapsed: (endedAt ?? clock()) - startedAt };
  } finally {
    clearInterval(timer);
    signal?.removeEventListener('abort', cancel);
    await driver.stop();
  }
}
