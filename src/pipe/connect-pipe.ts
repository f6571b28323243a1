import { callFirst } from '../call/address-race.ts';
import { callerConfig } from '../call/session-choices.ts';
import { untilCancelled } from '../call/until-cancelled.ts';
import { DEFAULT_PORT, formatAddressKey } from '../net/address.ts';
import { ANY_ADDRESS, checkMtu } from '../net/interface-mtu.ts';
import { createChannels } from '../net/live-channels.ts';
import { resolveHost } from '../net/resolve.ts';
import { initiatorAgreement, type SendSecurity, securityOf } from '../security.ts';
import { PipeCaller } from '../transfer/pipe-caller.ts';
import { pipeFailure } from './pipe-failure.ts';
import { endsOf, type PipeOptions, type PipeResult, type PipeStreams, resultOf, settle } from './pipe-result.ts';

/** Whom to call, and how. */
export interface ConnectPipeOptions extends PipeOptions {
  readonly host: string;
  /** Encrypted unless told otherwise. */
  readonly security?: SendSecurity | undefined;
}

/**
 * Joins two streams to a listening pipe. Resolves when both directions have ended and all that came is written. Rejects
 * with UdpcpError before anybody is called, with PipeError after that.
 */
export async function connectPipe(streams: PipeStreams, options: ConnectPipeOptions): Promise<PipeResult> {
  const { host, port = DEFAULT_PORT, mtu, security = {}, signal, onSecured } = options;
  try {
    const { protection } = initiatorAgreement(security); // before anything is opened: it may contradict itself
    checkMtu(mtu, ANY_ADDRESS);
    const addresses = await untilCancelled(resolveHost(host), signal);
    const channels = await createChannels(options.channel);
    const configured = callerConfig(options, channels);
    const { end, caller, startedAt, endedAt } = await callFirst(addresses, {
      caller: (now, config, prng, peer, agreement, wake) =>
        new PipeCaller(now, () => endsOf(streams, wake), config, prng, peer, agreement),
      port,
      session: configured,
      mtu,
      agree: () => initiatorAgreement(security),
      channels,
      signal,
      onSession: onSecured && ((session) => onSecured(securityOf(session), formatAddressKey(session.peer))),
      onProgress: undefined,
    });
    const { session, transfer } = caller;
    const idleTimeout = session?.terms.idleTimeout ?? configured.idleTimeout;
    const { connectTimeout } = configured;
    const called = { host, port, connectTimeout, idleTimeout, protection, trust: security.trust };
    return settle(pipeFailure(end, called), resultOf(session, transfer, endedAt - startedAt, channels));
  } finally {
    streams.input.destroy();
  }
}
