import { SeededPrng } from '../dist/base/prng.js';
import { createSha256 } from '../dist/crypto/digest.js';
import { sodium } from '../dist/crypto/native.js';
import { NoiseAcceptor } from '../dist/crypto/noise-acceptor.js';
import { NoiseInitiator } from '../dist/crypto/noise-initiator.js';
import { SharedKey } from '../dist/crypto/shared-key.js';
import { sessionConfig } from '../dist/session/config.js';
import { plainAcceptor, plainInitiator } from '../dist/session/plain-agreement.js';
import { simulatedCookies } from '../dist/sim/simulated-cookies.js';
import { Simulation } from '../dist/sim/simulation.js';
import { memoryEntry } from '../dist/transfer/memory-source.js';
import { MemoryStore } from '../dist/transfer/memory-store.js';
import { Receiver } from '../dist/transfer/receiver.js';
import { Sender } from '../dist/transfer/sender.js';
import { Luck } from './mutate.js';
import { MutatingChannel } from './mutating-channel.js';

const SENDER = 'sender:1';
const RECEIVER = 'receiver:9000';
const SHARES = [0.02, 0.1, 0.3, 0.6];
const SIZES = [0, 1, 900, 5000, 40_000, 150_000];
/** Virtual milliseconds in which everything must be over, and forgotten. */
const PATIENCE = 3_600_000;
/** Sessions that one of `--count` stands for: each is some hundred datagrams. */
const DATAGRAMS = 100;

const KINDS = {
  plain: () => ({ initiator: plainInitiator, acceptor: plainAcceptor }),
  noise: (luck) => noise(luck, {}),
  'noise-psk': (luck) => noise(luck, { key: new SharedKey(luck.bytes(32)) }),
};

function noise(luck, options) {
  // Keys of the seed: the same seed is the same session to the last byte.
  const drawKeyPair = () => {
    const pair = { publicKey: Buffer.alloc(32), secretKey: luck.bytes(32) };
    sodium.crypto_scalarmult_base(pair.publicKey, pair.secretKey);
    return pair;
  };
  const all = { ...options, drawKeyPair };
  return { initiator: new NoiseInitiator(all), acceptor: new NoiseAcceptor(all) };
}

/** One transfer through hands that change things. Answers what went wrong, and how it ended. */
function runOne(seed) {
  const luck = new Luck(new SeededPrng(seed, 'session'));
  const kind = luck.of(Object.keys(KINDS));
  const isPlain = kind === 'plain';
  const { initiator, acceptor } = KINDS[kind](luck);
  const contents = Array.from({ length: 1 + luck.below(4) }, () => luck.bytes(luck.of(SIZES)));
  const names = contents.map((_, index) => `file ${index}`);
  const entries = contents.map((content, index) => memoryEntry(names[index], content, createSha256));
  const store = new MemoryStore(createSha256);
  const simulation = new Simulation();
  const config = sessionConfig({
    arq: luck.of(['selective-repeat', 'selective-repeat', 'go-back-n', 'stop-and-wait']),
  });
  let sender;
  let receiver;
  simulation.addHost(SENDER, (wake) => {
    sender = new Sender(0, entries, config, new SeededPrng(seed, 'sender'), RECEIVER, initiator, wake);
    return sender;
  });
  simulation.addHost(RECEIVER, (wake) => {
    const prng = new SeededPrng(seed, 'receiver');
    receiver = new Receiver(store, sessionConfig(), prng, simulatedCookies, acceptor, wake);
    return receiver;
  });
  const share = luck.of(SHARES);
  // The handshake's checksums protect nobody; a packet's only where it is all there is.
  const channels = [0, 1].map(() => new MutatingChannel(luck, share, (isProtected) => isPlain || !isProtected));
  simulation.addLink(SENDER, RECEIVER, channels[0]);
  simulation.addLink(RECEIVER, SENDER, channels[1]);
  const faults = [];
  try {
    const isOver = simulation.run(() => {
      while (receiver.pollEvent() !== undefined);
      return sender.isDone && receiver.incoming.length === 0 && receiver.endpoint.sessionCount === 0;
    }, PATIENCE);
    if (!isOver) faults.push(`not over after ${simulation.now} ms`);
  } catch (error) {
    faults.push(error.stack);
  }
  for (const [name, { bytes }] of store.published) {
    const isRight = isPlain
      ? contents.some((content) => content.equals(bytes))
      : contents[names.indexOf(name)]?.equals(bytes);
    if (!isRight) faults.push(`a wrong file was published as ${JSON.stringify(name)}`);
  }
  const { end } = sender;
  if (!isPlain) {
    const claimed = names.filter((_, index) => end?.outcomes[index]?.status === 'stored');
    for (const name of claimed) if (!store.published.has(name)) faults.push(`${name} counts as stored and is not`);
    // Nobody in between can end what has begun: they can only hold back, and did not hold back all.
    if (sender.session !== undefined && end?.kind !== 'complete') faults.push(`it ended: ${JSON.stringify(end)}`);
  }
  const mutations = channels[0].mutations + channels[1].mutations;
  return { faults: faults.map((fault) => `seed ${seed}, ${kind}: ${fault}`), end: `${kind} ${end?.kind}`, mutations };
}

function run({ count, seed, note }) {
  const sessions = Math.max(1, Math.round(count / DATAGRAMS));
  const ends = new Map();
  const faults = [];
  let mutations = 0;
  const startedAt = performance.now();
  for (let index = 0; index < sessions && faults.length < 10; index += 1) {
    if (index % 100 === 0) note(`session: ${index} of ${sessions}`);
    const one = runOne((seed + index) % 2 ** 32);
    faults.push(...one.faults);
    mutations += one.mutations;
    ends.set(one.end, (ends.get(one.end) ?? 0) + 1);
  }
  return { ok: faults.length === 0, faults, sessions, mutations, ends, wall: performance.now() - startedAt };
}

function report({ sessions, mutations, ends, wall }) {
  const list = [...ends].sort().map(([end, count]) => `${count} ${end}`);
  return `${sessions} sessions, ${mutations} datagrams changed, in ${(wall / 1000).toFixed(1)} s: ${list.join(', ')}`;
}

/** Live sessions, encrypted and not, between hands that change datagrams. */
export const session = { summary: 'changed datagrams within live sessions', run, report };
