/** What udpcp uses of the handshake state machine: patterns NN and NNpsk0, hash BLAKE2b. */
declare module 'noise-handshake' {
  interface KeyPair {
    publicKey: Uint8Array;
    secretKey: Uint8Array;
  }

  class NoiseState {
    /** Without a static key pair it makes one, also for patterns that have none. */
    constructor(
      pattern: 'NN' | 'NNpsk0',
      initiator: boolean,
      staticKeyPair: KeyPair,
      options?: { readonly psk?: Uint8Array },
    );
    /** The ephemeral key pair: set before `send`, or made there. Zeroed when the handshake is complete. */
    e: KeyPair | null;
    /** 32 bytes each and the 64 bytes of the handshake hash, once the last message has gone through. */
    readonly tx: Uint8Array;
    readonly rx: Uint8Array;
    readonly hash: Uint8Array;
    initialise(prologue: Uint8Array): void;
    send(payload: Uint8Array): Uint8Array;
    /** Throws when the message is not authentic, and is of no use afterwards. Keeps a view of the message and zeroes it. */
    recv(message: Uint8Array): Uint8Array;
  }

  export = NoiseState;
}
