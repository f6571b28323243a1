import { setTimeout } from 'node:timers/promises';
import type { Millis } from '../base/units.ts';
import { UdpcpError } from '../errors.ts';
import { clock } from '../net/driver.ts';
import type { HostAddress } from '../net/resolve.ts';
import { type Call, CallAttempt, type Caller, type CallOutcome } from './call-attempt.ts';

/** How long an address has for its answer before the next one is called too (RFC 8305 section 5). */
const HEAD_START: Millis = 250;

/**
 * Calls a host's addresses, one soon after the other, and sends to the first that answers; the others are given up
 * without a word (RFC 8305). Nobody answered: tells of an address that refused, else of the first. Rejects with UdpcpError
 * when there is no way to any of them.
 */
export async function callFirst<C extends Caller>(
  addresses: readonly HostAddress[],
  sending: Call<C>,
): Promise<CallOutcome<C>> {
  const { session, channels } = sending;
  // A lossy channel has room for one conversation: with it the addresses take turns.
  const takeTurns = channels.out !== undefined || channels.in !== undefined;
  const giveUpAt = clock() + session.connectTimeout;
  const share = session.connectTimeout / addresses.length;
  const race = new Race<C>();
  let noWay: unknown = new UdpcpError('ERR_RESOLVE', 'no address to send to');
  try {
    for (const address of addresses) {
      const connectTimeout = takeTurns ? share : giveUpAt - clock();
      try {
        await race.enter(address, { ...sending, session: { ...session, connectTimeout } });
      } catch (error) {
        if (!(error instanceof UdpcpError && error.code === 'ERR_UNREACHABLE')) throw error;
        noWay = error;
        continue;
      }
      if (await race.isWon(takeTurns ? undefined : Math.min(HEAD_START, share))) break;
    }
    const outcome = await race.outcome();
    if (outcome === undefined) throw noWay;
    return outcome;
  } finally {
    race.end();
  }
}

/** Attempts of which the first that is answered goes on. */
class Race<C extends Caller> {
  readonly #attempts: CallAttempt<C>[] = [];
  #winner: CallAttempt<C> | undefined;
  #tell: () => void = () => {};
  readonly #won = new Promise<void>((resolve) => {
    this.#tell = resolve;
  });

  async enter(address: HostAddress, sending: Call<C>): Promise<void> {
    const attempt = await CallAttempt.begin(address, sending, () => this.#win(attempt));
    this.#attempts.push(attempt);
    if (this.#winner !== undefined) attempt.abandon();
  }

  /** Waits until one was answered or the last that entered has failed, or for so long; undefined: however long it takes. */
  async isWon(longest: Millis | undefined): Promise<boolean> {
    const patience = longest === undefined ? [] : [setTimeout(longest, undefined, { ref: false })];
    await Promise.race([this.#won, this.#attempts.at(-1)?.over, ...patience]);
    return this.#winner !== undefined;
  }

  /** Of the winner; where all failed, the best reason; undefined: nobody took part. */
  async outcome(): Promise<CallOutcome<C> | undefined> {
    const all = Promise.all(this.#attempts.map(({ over }) => over));
    await Promise.race([this.#won, all]);
    if (this.#winner !== undefined) return this.#winner.over;
    const outcomes = await all;
    return outcomes.find((outcome) => outcome !== undefined && isRefusal(outcome)) ?? outcomes[0];
  }

  /** Leaves nothing running. */
  end(): void {
    for (const attempt of this.#attempts) attempt.abandon();
  }

  /** At once, from within the winner's turn: no other attempt may begin to send. */
  #win(attempt: CallAttempt<C>): void {
    this.#winner = attempt;
    for (const other of this.#attempts) if (other !== attempt) other.abandon();
    this.#tell();
  }
}

/** Somebody's machine said that nobody listens: more than silence says. */
function isRefusal({ end }: CallOutcome<Caller>): boolean {
  return end.failure?.kind === 'unreachable';
}
