import type { PacketNumber } from '../../src/base/units.ts';
import type { AcceptorAgreement, InitiatorAgreement, SessionProtection } from '../../src/session/key-agreement.ts';
import { decodeFrames } from '../../src/wire/frames.ts';
import { PROTECTED } from '../../src/wire/protected-header.ts';

/** What a side put into its packets, noted before they were sealed. */
export class Sealed {
  /** The kinds of frames in each packet, by its number. */
  readonly kinds = new Map<PacketNumber, readonly string[]>();
  /** How often the key changed. */
  updates = 0;
  #phase = 0;

  note(datagram: Uint8Array, number: PacketNumber, end: number): void {
    const frames = decodeFrames(datagram, PROTECTED.frames, end);
    this.kinds.set(number, Array.isArray(frames) ? frames.map(({ kind }) => kind) : ['malformed']);
  }

  notePhase(phase: number): void {
    if (phase !== this.#phase) this.updates++;
    this.#phase = phase;
  }
}

/** The same initiator, watched. */
export function watchInitiator(agreement: InitiatorAgreement, sealed: Sealed): InitiatorAgreement {
  return {
    protection: agreement.protection,
    greet: (hello) => agreement.greet(hello),
    judge(accept, keyAgreement) {
      const verdict = agreement.judge(accept, keyAgreement);
      if (verdict.kind !== 'agreed') return verdict;
      return { ...verdict, protection: watch(verdict.protection, sealed) };
    },
  };
}

/** The same acceptor, watched. */
export function watchAcceptor(agreement: AcceptorAgreement, sealed: Sealed): AcceptorAgreement {
  return {
    protection: agreement.protection,
    answer(hello, keyAgreement, accept) {
      const verdict = agreement.answer(hello, keyAgreement, accept);
      if (verdict.kind !== 'agreed') return verdict;
      return { ...verdict, protection: watch(verdict.protection, sealed) };
    },
  };
}

function watch(protection: SessionProtection, sealed: Sealed): SessionProtection {
  return {
    name: protection.name,
    tagLength: protection.tagLength,
    get isExhausted() {
      return protection.isExhausted === true;
    },
    seal(datagram, number, end) {
      sealed.note(datagram, number, end);
      const length = protection.seal(datagram, number, end);
      sealed.notePhase((datagram[0] as number) & 1);
      return length;
    },
    open: (datagram, number) => protection.open(datagram, number),
    onAcknowledged: (number) => protection.onAcknowledged?.(number),
  };
}
