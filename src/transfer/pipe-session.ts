import type { Millis } from '../base/units.ts';
import type { ConnectFailure } from '../session/initiator.ts';
import type { Session } from '../session/session.ts';
import { CLOSE_CODE } from '../wire/close-codes.ts';
import type { PipeInput, PipeOutput, PipeTransfer } from './pipe.ts';
import { encodeText } from './text.ts';

/** What a pipe joins to a session: both wake the pipe's host. */
export interface PipeEnds {
  readonly input: PipeInput;
  readonly output: PipeOutput;
}

/** How a pipe ended. Input and output: this side's own failed. */
export type PipeEnd =
  | { readonly kind: 'complete' | 'cancelled' | 'silence' | 'restart' | 'not-a-pipe' | 'violation' }
  | { readonly kind: 'input' | 'output'; readonly text: string }
  | { readonly kind: 'no-session'; readonly failure: ConnectFailure }
  | { readonly kind: 'closed-by-peer'; readonly code: number; readonly reason: Uint8Array };

/** One session that is a pipe, or turns out not to be one, until its end. */
export class PipeSession {
  readonly session: Session;
  readonly transfer: PipeTransfer;
  #end: PipeEnd | undefined;

  constructor(session: Session, transfer: PipeTransfer) {
    this.session = session;
    this.transfer = transfer;
  }

  /** Known once nothing more goes in or out; the goodbye may still have to be said. */
  get end(): PipeEnd | undefined {
    return this.#end;
  }

  step(now: Millis): void {
    if (this.#end !== undefined) return;
    const { session, transfer } = this;
    if (session.end === undefined) transfer.step();
    else transfer.drain();
    this.#end = this.#ownEnd(now) ?? this.#sessionEnd();
  }

  /** Ends it and tells the peer why. */
  close(now: Millis, code: number, reason: string): void {
    this.#end ??= { kind: 'cancelled' };
    this.session.close(now, code, encodeText(reason));
  }

  /** What this side finds out by itself. */
  #ownEnd(now: Millis): PipeEnd | undefined {
    const { session, transfer } = this;
    switch (transfer.state) {
      case 'running':
        return undefined;
      case 'complete':
        return this.#wholeEnd(now);
      case 'output-broken':
        session.close(now, CLOSE_CODE.store, encodeText(transfer.failure));
        return { kind: 'output', text: transfer.failure };
      case 'input-failed':
        session.close(now, CLOSE_CODE.cancelled, encodeText(`cannot read the input: ${transfer.failure}`));
        return { kind: 'input', text: transfer.failure };
      case 'not-a-pipe':
        session.close(
          now,
          CLOSE_CODE.transfer,
          encodeText('this is a pipe and takes no files: call it with udpcp pipe'),
        );
        return { kind: 'not-a-pipe' };
    }
  }

  /** All that we wrote was acknowledged, and all that the peer wrote is out. */
  #wholeEnd(now: Millis): PipeEnd | undefined {
    const { session } = this;
    // Who is called stays until the caller goes: or its last ACK might be lost, and the caller would never know.
    if (session.end === undefined && session.terms.role === 'acceptor') return undefined;
    session.close(now, CLOSE_CODE.noError);
    return session.end?.by === 'peer' ? undefined : { kind: 'complete' };
  }

  /** What the end of the session means, once all that came before it is out. */
  #sessionEnd(): PipeEnd | undefined {
    const { session, transfer } = this;
    if (session.end === undefined || !transfer.isIdle) return undefined;
    const { by, code, reason } = session.end;
    if (by === 'local') return { kind: 'violation' };
    if (by === 'silence' || by === 'restart') return { kind: by };
    // Whoever closes so has all that we wrote, and everything of its own has come.
    const isWhole = code === CLOSE_CODE.noError && transfer.inputEnded && session.readFinished;
    if (!isWhole) return { kind: 'closed-by-peer', code, reason };
    return transfer.isDrained ? { kind: 'complete' } : undefined;
  }
}
