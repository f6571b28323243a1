import { type Command, Option } from 'commander';
import type { Bytes, BytesPerMilli, Millis } from '../../base/units.ts';
import type { ControllerName } from '../../congestion/registry.ts';
import { UdpcpError } from '../../errors.ts';
import type { SessionConfig } from '../../session/config.ts';
import { MAX_IDLE_TIMEOUT, MIN_IDLE_TIMEOUT } from '../../wire/limits.ts';
import type { ArqName } from '../../wire/terms.ts';
import { parseArq, parseCongestion } from './choices.ts';
import { invalid, once, parseDuration, parseMtu, parseRate, parseWindow } from './values.ts';

/** What `command.opts()` holds once `addSessionOptions` was called. */
export interface SessionOptions {
  readonly arq?: ArqName;
  readonly window?: number;
  readonly cc?: ControllerName;
  readonly rate?: BytesPerMilli;
  /** Not for the session but for `sendFile` and `receiveFiles`: an IP packet. */
  readonly mtu?: Bytes;
  readonly idleTimeout?: Millis;
  readonly connectTimeout?: Millis;
}

const HEADING = 'Protocol:';
const MIN_CONNECT_TIMEOUT: Millis = 100;

/** Who calls, who is called, or a command that can be either. */
export type Side = 'send' | 'recv' | 'pipe';

/** Adds the options of the protocol; those that only the side that calls decides are not for `recv`. */
export function addSessionOptions(command: Command, side: Side): Command {
  const add = (flags: string, help: string, parse: Parameters<typeof once>[0]): void => {
    command.addOption(new Option(flags, help).argParser(once(parse)).helpGroup(HEADING));
  };
  if (side !== 'recv') {
    add('--arq <name>', 'stop-and-wait, go-back-n or selective-repeat (default), or sw, gbn, sr', parseArq);
  }
  add('--window <packets>', 'most packets in flight; the smaller of both sides holds', parseWindow);
  add(
    '--cc <name>',
    'congestion control of what this side sends: bbr (default), cubic, new-reno or fixed',
    parseCongestion,
  );
  add('--rate <rate>', 'never send faster, and begin so fast (20M is bits per second, 2.5MB bytes)', parseRate);
  const most = side !== 'recv' ? 'to send (default: what the interface and the path carry)' : 'to take, and to send';
  add('--mtu <bytes>', `largest IP packet ${most}`, parseMtu);
  add('--idle-timeout <time>', 'give up after this much silence (default 30s)', parseIdleTimeout);
  if (side !== 'recv') {
    add('--connect-timeout <time>', 'give up when nobody answers for so long (default 10s)', parseConnectTimeout);
  }
  return command;
}

function parseIdleTimeout(text: string): Millis {
  const value = parseDuration(text, 's');
  if (value >= MIN_IDLE_TIMEOUT && value <= MAX_IDLE_TIMEOUT) return value;
  throw invalid('From 1s to 24h.');
}

function parseConnectTimeout(text: string): Millis {
  const value = parseDuration(text, 's');
  if (value >= MIN_CONNECT_TIMEOUT) return value;
  throw invalid('At least 100ms.');
}

/** The library's names for them. Throws UdpcpError ERR_USAGE for a window that the ARQ cannot have. */
export function sessionChoices({
  arq,
  window,
  cc,
  rate,
  idleTimeout,
  connectTimeout,
}: SessionOptions): Partial<SessionConfig> {
  if (arq === 'stop-and-wait' && window !== undefined && window > 1) {
    throw new UdpcpError('ERR_USAGE', 'stop-and-wait has a window of 1: leave out --window, or choose another --arq');
  }
  return {
    ...(arq === undefined ? {} : { arq }),
    ...(window === undefined ? {} : { window }),
    ...(cc === undefined ? {} : { congestion: cc }),
    ...(rate === undefined ? {} : { maxRate: rate }),
    ...(idleTimeout === undefined ? {} : { idleTimeout }),
    ...(connectTimeout === undefined ? {} : { connectTimeout }),
  };
}
