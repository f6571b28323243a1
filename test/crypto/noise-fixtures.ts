import { naiveAccept, naiveHello } from '../wire/naive-encode.ts';
import { fromHex, toHex } from '../wire/vector-file.ts';
import { naiveDerive, naiveHandshake, naivePacketKey, naivePublicKey, naiveSeal } from './naive-noise.ts';

/** One packet of a golden session, with the key of its direction after so many updates. */
interface GoldenPacket {
  readonly from: 'initiator' | 'acceptor';
  readonly updates: number;
  readonly packetNumber: number;
  readonly key: string;
  readonly nonce: string;
  readonly header: string;
  readonly frames: string;
  readonly datagram: string;
}

/** A session whose ephemeral keys are known: hexadecimal throughout, null where there is none. */
export interface GoldenSession {
  readonly name: string;
  readonly protection: 'noise' | 'noise-psk';
  readonly sharedKey: string | null;
  readonly identitySeed: string | null;
  readonly identity: string | null;
  readonly initiatorSecret: string;
  readonly initiatorPublic: string;
  readonly acceptorSecret: string;
  readonly acceptorPublic: string;
  /** Bytes 0..33. */
  readonly hello: string;
  readonly helloKeyAgreement: string;
  /** Bytes 0..41. */
  readonly accept: string;
  readonly acceptKeyAgreement: string;
  /** The whole packet. */
  readonly acceptDatagram: string;
  readonly channelBinding: string;
  /** Indices in the word list. */
  readonly fingerprint: readonly number[];
  readonly toAcceptor: string;
  readonly toInitiator: string;
  readonly packets: readonly GoldenPacket[];
}

export const GOLDEN_FILE = new URL('../../fixtures/noise.json', import.meta.url);

const fill = (byte: number): Uint8Array => new Uint8Array(32).fill(byte);

const INITIATOR_ID = { hi: 0x11223344, lo: 0x55667788 };
const ACCEPTOR_ID = { hi: 0xa1b2c3d4, lo: 0xe5f60718 };
const LIMITS = { window: 1024, maxDatagram: 1452, idleTimeout: 30_000, credit: 16_777_216, maxAckDelay: 25 };
const PING = '01';
const DATA = `03010000000000000000000d${Buffer.from('hello, world\n').toString('hex')}`;

/** From, updates, number and frames of each golden packet. */
const PACKETS = [
  ['initiator', 0, 0, PING],
  ['initiator', 0, 1_048_576, DATA],
  ['acceptor', 0, 70_000, DATA],
  ['initiator', 1, 2 ** 32 + 1, DATA],
  ['acceptor', 1, 70_001, PING],
  ['initiator', 2, 2 ** 48 - 1, PING],
] as const;

/** Made by the naive twin alone, never by the code under test. */
function goldenSession(name: string, sharedKey: Uint8Array | undefined, seed: Uint8Array | undefined): GoldenSession {
  const protection = sharedKey === undefined ? 'noise' : 'noise-psk';
  const terms = { ...LIMITS, protection, suite: 1, arq: 'selective-repeat', keyAgreement: new Uint8Array(80) } as const;
  const hello = naiveHello({ ...terms, initiatorId: INITIATOR_ID, cookie: undefined }).bytes.subarray(0, 34);
  const ids = { initiatorId: INITIATOR_ID, acceptorId: ACCEPTOR_ID };
  const accept = naiveAccept({ ...terms, ...ids }).bytes.subarray(0, 42);
  const [initiatorSecret, acceptorSecret] = [fill(0x1a), fill(0xac)];
  const ends = { hello, accept, key: sharedKey, initiatorSecret, acceptorSecret, identitySeed: seed };
  const agreed = naiveHandshake(ends);
  const sas = BigInt(`0x${toHex(naiveDerive(agreed.channelBinding, 'udpcp1 sas'))}`) >> (256n - 55n);
  return {
    name,
    protection,
    sharedKey: sharedKey === undefined ? null : toHex(sharedKey),
    identitySeed: seed === undefined ? null : toHex(seed),
    identity: seed === undefined ? null : toHex(naivePublicKey('ed25519', seed)),
    initiatorSecret: toHex(initiatorSecret),
    initiatorPublic: toHex(naivePublicKey('x25519', initiatorSecret)),
    acceptorSecret: toHex(acceptorSecret),
    acceptorPublic: toHex(naivePublicKey('x25519', acceptorSecret)),
    hello: toHex(hello),
    helloKeyAgreement: toHex(agreed.helloField),
    accept: toHex(accept),
    acceptKeyAgreement: toHex(agreed.acceptField),
    acceptDatagram: naiveAccept({ ...terms, ...ids, keyAgreement: agreed.acceptField }).hex,
    channelBinding: toHex(agreed.channelBinding),
    fingerprint: [44n, 33n, 22n, 11n, 0n].map((shift) => Number((sas >> shift) & 2047n)),
    toAcceptor: toHex(agreed.toAcceptor),
    toInitiator: toHex(agreed.toInitiator),
    packets: PACKETS.map(([from, updates, packetNumber, frames]) => {
      const keys = naivePacketKey(from === 'initiator' ? agreed.toAcceptor : agreed.toInitiator, updates, packetNumber);
      const header = Buffer.alloc(15);
      header[0] = 0x40 | (updates % 2);
      const { hi, lo } = from === 'initiator' ? ACCEPTOR_ID : INITIATOR_ID;
      header.writeUInt32BE(hi, 1);
      header.writeUInt32BE(lo, 5);
      header.writeUIntBE(packetNumber, 9, 6);
      return {
        from,
        updates,
        packetNumber,
        key: toHex(keys.key),
        nonce: toHex(keys.nonce),
        header: toHex(header),
        frames,
        datagram: toHex(naiveSeal(keys, header, fromHex(frames))),
      };
    }),
  };
}

const SHARED_KEY = Uint8Array.from({ length: 32 }, (_, at) => at);
const SEED = fill(0x1d);

export const GOLDEN_SESSIONS: readonly GoldenSession[] = [
  goldenSession('noise', undefined, undefined),
  goldenSession('noise-with-identity', undefined, SEED),
  goldenSession('noise-psk', SHARED_KEY, undefined),
  goldenSession('noise-psk-with-identity', SHARED_KEY, SEED),
];
