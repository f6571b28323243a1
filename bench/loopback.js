import { rm } from 'node:fs/promises';
import { join } from 'node:path';
import { copyByBare, copyByCp, copyByTcp, copyByUdpcp } from './copies.js';
import { median, spread } from './statistics.js';
import { count, mebibytes, percent, ratio, seconds, size as sizeOf, table } from './table.js';
import { compare, createRandomFile, createWorkspace, sync } from './workspace.js';

const DEFAULT_SIZE = 2 ** 30;
const LARGE = 65_000;
/** What fits into an Ethernet packet beside the IPv4 and UDP headers. */
const ETHERNET = 1472;

const bare = (datagram, ...options) => ({
  name: ['bare', datagram, ...options].join(' '),
  copy: (source, target) => copyByBare(source, target, datagram, options),
});
const udpcp = (datagram, ...options) => ({
  name: ['udpcp', ...options].join(' '),
  bare: `bare ${datagram}`,
  copy: (source, target) => copyByUdpcp(source, target, options),
});

/** What is compared, in the order of each round; `bare` names the one with the same datagrams. */
const CONTENDERS = [
  { name: 'cp', copy: copyByCp },
  { name: 'tcp', copy: copyByTcp },
  bare(LARGE),
  udpcp(LARGE),
  udpcp(LARGE, '--plaintext'),
  bare(ETHERNET),
  { ...bare(ETHERNET, 'sealed'), bare: `bare ${ETHERNET}` },
  udpcp(ETHERNET, '--mtu', '1500'),
  udpcp(ETHERNET, '--mtu', '1500', '--plaintext'),
];

/** Rounds of one copy each; the first is a warm-up and does not count. */
async function run({ size = DEFAULT_SIZE, runs, note }) {
  const { directory, inbox } = createWorkspace();
  const source = join(directory, 'source');
  const target = join(inbox, 'source');
  await createRandomFile(source, size);
  await sync(source);
  const costs = CONTENDERS.map(() => []);
  for (let round = 0; round <= runs; round += 1) {
    for (const [index, { name, copy }] of CONTENDERS.entries()) {
      note(`loopback: ${round === 0 ? 'warm-up' : `round ${round} of ${runs}`}: ${name}`);
      const cost = await copy(source, target);
      const syncing = await sync(target);
      await compare(source, target);
      await rm(target);
      if (round > 0) costs[index].push({ ...cost, durable: cost.wall + syncing });
    }
  }
  return {
    ok: true,
    size,
    contenders: CONTENDERS.map((contender, index) => summarize(contender, costs[index], costs)),
  };
}

function summarize({ name, bare }, own, all) {
  // Round by round: what disturbs the machine for a while disturbs both.
  const ratioTo = (other, measure) => {
    const theirs = all[CONTENDERS.findIndex((contender) => contender.name === other)];
    return median(own.map((cost, round) => measure(cost) / measure(theirs[round])));
  };
  const wall = ({ wall }) => wall;
  const cpu = ({ sender, receiver }) => sender.cpu + (receiver?.cpu ?? 0);
  const middle = (measure) => (own.some((cost) => measure(cost) === undefined) ? undefined : median(own.map(measure)));
  return {
    name,
    ratios: {
      cp: ratioTo('cp', wall),
      cpDurable: ratioTo('cp', ({ durable }) => durable),
      tcp: ratioTo('tcp', wall),
      bare: bare && ratioTo(bare, wall),
      bareCpu: bare && ratioTo(bare, cpu),
    },
    wall: middle(wall),
    spread: spread(own.map(wall)),
    durable: middle(({ durable }) => durable),
    sender: { cpu: middle(({ sender }) => sender.cpu), peak: middle(({ sender }) => sender.peak) },
    receiver: { cpu: middle(({ receiver }) => receiver?.cpu), peak: middle(({ receiver }) => receiver?.peak) },
    datagram: datagramSize(own),
    walls: own.map(wall),
  };
}

/** The size that udpcp's session reached, where its sender tells. */
function datagramSize(costs) {
  const [{ said }] = costs;
  return said.startsWith('{') ? (JSON.parse(said).datagramSize ?? undefined) : undefined;
}

function report({ size, contenders }) {
  const label = ({ name, datagram }) => (datagram === undefined ? name : `${name} (${count(datagram)})`);
  const times = contenders.map((contender) => [
    label(contender),
    ratio(contender.ratios.cp),
    ratio(contender.ratios.tcp),
    ratio(contender.ratios.bare),
    seconds(contender.wall),
    percent(contender.spread),
    seconds(contender.durable),
    ratio(contender.ratios.cpDurable),
  ]);
  const costs = contenders.map(({ sender, receiver, ratios, ...contender }) => [
    label(contender),
    ratio(ratios.bareCpu),
    seconds(sender.cpu),
    seconds(receiver.cpu),
    mebibytes(sender.peak),
    mebibytes(receiver.peak),
  ]);
  return `${sizeOf(size)} of random bytes from file to file, medians of ${contenders[0].walls.length}; after bare the bytes of its datagrams.

${table(['time', 'to cp', 'to tcp', 'to bare', 'absolute', 'spread', 'with fsync', 'to cp'], times)}
${table(['CPU and memory', 'to bare', 'sender', 'receiver', 'sender', 'receiver'], costs)}`;
}

/** A copy over loopback beside cp, TCP and the plainest UDP. */
export const loopback = { summary: 'a copy over loopback beside cp, TCP and the plainest UDP', run, report };
