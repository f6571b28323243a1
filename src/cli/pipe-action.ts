import { UdpcpError } from '../errors.ts';
import { formatAddress } from '../net/address.ts';
import type { Network } from '../net/allow-list.ts';
import { connectPipe } from '../pipe/connect-pipe.ts';
import { listenPipe } from '../pipe/listen-pipe.ts';
import { PipeError, type PipeOptions, type PipeResult, type PipeStreams } from '../pipe/pipe-result.ts';
import type { SessionSecurity } from '../security.ts';
import { onTransfer, tuneEngine } from './engine.ts';
import { errorLine, exitCodeOf } from './errors.ts';
import { EXIT, type ExitCode } from './exit-codes.ts';
import { formatDuration, formatSize } from './format.ts';
import { openChannel } from './live-channel.ts';
import type { ChannelOptions } from './options/channel-options.ts';
import type { SecurityOptions } from './options/security-options.ts';
import { type SessionOptions, sessionChoices } from './options/session-options.ts';
import { parseTarget } from './options/target.ts';
import type { parseListen } from './options/values.ts';
import { Output, type OutputOptions } from './output.ts';
import { securityLines } from './recv-action.ts';
import { channelLines, fingerprintLine, openingLines } from './report.ts';
import { receiverSecurity, senderSecurity } from './security.ts';
import { Signals } from './signals.ts';
import { standardOutput } from './standard-output.ts';

/** What `command.opts()` holds. */
export interface PipeCommandOptions extends OutputOptions, SessionOptions, SecurityOptions, ChannelOptions {
  readonly listen?: ReturnType<typeof parseListen>;
  readonly allow?: readonly Network[];
}

/** Runs `udpcp pipe`. Rejects with UdpcpError ERR_USAGE, and what else was found before anything began. */
export async function pipe(host: string | undefined, options: PipeCommandOptions): Promise<ExitCode> {
  tuneEngine();
  demandSense(host, options);
  const session = sessionChoices(options);
  const run = host === undefined ? await prepareAnswer(options) : await prepareCall(host, options);
  const channel = await openChannel(options);
  const output = await Output.open(options);
  for (const line of openingLines(channel.choice, options.replay)) output.note(line);
  const abort = new AbortController();
  const signals = new Signals(() => abort.abort());
  let failure: unknown;
  let result: PipeResult | undefined;
  try {
    const streams = { input: process.stdin, output: standardOutput() };
    const common = { session, mtu: options.mtu, channel: channel.choice, signal: abort.signal };
    result = await run(streams, common, output, () => abort.abort());
  } catch (error) {
    failure = error;
    if (error instanceof PipeError) result = error.result;
  } finally {
    signals.release();
  }
  try {
    channel.close();
  } catch (error) {
    failure ??= error;
  }
  if (result !== undefined) report(output, result);
  if (failure === undefined) return EXIT.ok;
  output.error(errorLine(failure));
  return signals.exitCode ?? exitCodeOf(failure);
}

/** One pipe from its beginning to its end; `giveUp` ends it early. */
type Run = (streams: PipeStreams, common: PipeOptions, output: Output, giveUp: () => void) => Promise<PipeResult>;

async function prepareCall(host: string, options: PipeCommandOptions): Promise<Run> {
  const target = parseTarget(host);
  const { security, meet } = await senderSecurity(options, target);
  return async (streams, common, output, giveUp) => {
    let met: Promise<void> | undefined;
    let distrust: unknown;
    const greet = async (how: SessionSecurity): Promise<void> => {
      try {
        const line = await meet(how);
        if (line !== undefined) output.note(line);
      } catch (error) {
        if (error instanceof UdpcpError && error.code === 'ERR_USAGE') output.error(errorLine(error));
        else {
          distrust = error;
          giveUp();
        }
      }
    };
    try {
      return await connectPipe(streams, {
        ...common,
        ...target,
        security,
        onSecured: (how) => {
          onTransfer();
          const words = fingerprintLine(how, 'the other side');
          if (words !== undefined) output.note(words);
          met = greet(how);
        },
      });
    } catch (error) {
      await met;
      throw distrust ?? error;
    } finally {
      await met;
    }
  };
}

async function prepareAnswer(options: PipeCommandOptions): Promise<Run> {
  const { listen = { address: undefined, port: undefined }, allow } = options;
  const security = await receiverSecurity(options);
  return async (streams, common, output) => {
    const listener = await listenPipe(streams, {
      ...common,
      ...listen,
      allow,
      security,
      onSecured: (how, peer) => {
        onTransfer();
        output.detail(`${peer} called`);
        const words = fingerprintLine(how, peer);
        if (words !== undefined) output.note(words);
      },
      onTurnedAway: (line) => output.note(line),
    });
    output.note(`listening on UDP ${formatAddress(listener.address)}, for one pipe; Ctrl-C ends`);
    for (const line of securityLines(security, listener.address, 'be the other end of this pipe')) output.note(line);
    return listener.over;
  };
}

/** What only who calls, or only who is called, can say. */
const CALLERS = { peerKey: '--peer-key', arq: '--arq', connectTimeout: '--connect-timeout' } as const;
const ANSWERERS = { identity: '--identity', allow: '--allow' } as const;

function demandSense(host: string | undefined, options: PipeCommandOptions): void {
  const { listen } = options;
  if ((host === undefined) === (listen === undefined)) {
    const words = 'name the pipe to call, udpcp pipe HOST[:PORT], or wait for a caller, udpcp pipe --listen PORT';
    throw new UdpcpError('ERR_USAGE', host === undefined ? words : `${words}; not both`);
  }
  const foreign = listen === undefined ? ANSWERERS : CALLERS;
  for (const [name, flag] of Object.entries(foreign)) {
    if (options[name as keyof PipeCommandOptions] === undefined) continue;
    const whose = listen === undefined ? 'the side that listens' : 'the side that calls';
    throw new UdpcpError('ERR_USAGE', `${flag} is for ${whose}`);
  }
}

function report(output: Output, { bytesSent, bytesReceived, elapsed, stats, srtt, channel }: PipeResult): void {
  const rtt = srtt === undefined ? '' : `, RTT ${formatDuration(srtt)}`;
  const resent = stats === undefined ? '' : `, ${stats.dataResent} of ${stats.dataSent} datagrams resent`;
  const went = `sent ${formatSize(bytesSent)}, received ${formatSize(bytesReceived)}`;
  output.detail(`${went} in ${formatDuration(elapsed)}${resent}${rtt}`);
  if (channel !== undefined) for (const line of channelLines(channel)) output.note(line);
}
