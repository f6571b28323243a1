// npm run demo: a picture crosses a bad network between two processes, and arrives whole.
import { spawn } from 'node:child_process';
import { createHash } from 'node:crypto';
import { once } from 'node:events';
import { mkdtempSync, readdirSync, readFileSync, rmSync, statSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join, relative } from 'node:path';
import { createInterface } from 'node:readline';
import { fileURLToPath } from 'node:url';

const UDPCP = fileURLToPath(new URL('../bin/udpcp.js', import.meta.url));
const PICTURE = fileURLToPath(new URL('../fixtures/picture.png', import.meta.url));
/** Each process does this to every datagram it sends, so it happens both ways. */
const BAD_NETWORK = '--loss-out 10% --reorder-out 10%,30ms --corrupt-out 5% --delay-out 15ms';
/** Longest that all this may take, in milliseconds. */
const PATIENCE = 30_000;

const isTerminal = process.stderr.isTTY === true;
const inbox = mkdtempSync(join(tmpdir(), 'udpcp-demo-'));
const children = [];

const print = (line = '') => process.stdout.write(`${line && `  ${line}`}\n`);
const kilobytes = (bytes) => `${Math.round(bytes / 1000)} kB`;
const seconds = (millis) => `${(millis / 1000).toFixed(1)} s`;
const sha256 = (path) => createHash('sha256').update(readFileSync(path)).digest('hex');

/** Runs udpcp; its events are read here, and what it tells people goes to `stderr`. */
function run(words, stderr) {
  print(`$ udpcp ${words.join(' ')}`);
  const child = spawn(process.execPath, [UDPCP, ...words, '--jsonl'], { stdio: ['ignore', 'pipe', stderr] });
  children.push(child);
  const lines = createInterface({ input: child.stdout })[Symbol.asyncIterator]();
  const next = async (type) => {
    for (;;) {
      const { value, done } = await lines.next();
      if (done) throw new Error(`udpcp ${words[0]} ended without a word about its ${type}`);
      const event = JSON.parse(value);
      if (event.type === 'error') throw new Error(`udpcp ${words[0]} failed: ${event.error.message}`);
      if (event.type === type) return event;
    }
  };
  return { next, exited: once(child, 'exit') };
}

/** Without a terminal for the bar: a line now and then about what is on the receiver's disk. */
function watchDisk(total) {
  const startedAt = performance.now();
  return setInterval(() => {
    const part = readdirSync(inbox).find((name) => name.endsWith('.part'));
    const size = part && statSync(join(inbox, part), { throwIfNoEntry: false })?.size;
    if (size) print(`  ${seconds(performance.now() - startedAt)}  ${kilobytes(size)} of ${kilobytes(total)} arrived`);
  }, 500);
}

async function transfer(total) {
  const listen = `recv --out ${inbox} --once --bind 127.0.0.1 --port 0 ${BAD_NETWORK} --seed 1`;
  const receiver = run(listen.split(' '), 'ignore');
  const { port } = await receiver.next('start');
  const picture = relative(process.cwd(), PICTURE);
  const options = `127.0.0.1:${port} ${BAD_NETWORK} --seed 2`;
  const sender = run(['send', picture, ...options.split(' ')], isTerminal ? 'inherit' : 'ignore');
  print();
  const watch = isTerminal ? undefined : watchDisk(total);
  const file = await sender.next('file').finally(() => clearInterval(watch));
  const sent = await sender.next('end');
  const received = await receiver.next('transfer');
  const [[sendCode], [receiveCode]] = await Promise.all([sender.exited, receiver.exited]);
  if (sendCode !== 0 || receiveCode !== 0) throw new Error(`exit codes ${sendCode} and ${receiveCode}`);
  return { file, sent, received };
}

function showStory(sent, received) {
  const row = (name, cells) => print(name.padEnd(22) + cells.map((cell) => String(cell).padStart(11)).join(''));
  const counts = ({ datagramsIn, lost, reordered, corrupted }) => [datagramsIn, lost.loss, reordered, corrupted];
  print();
  row('What the network did', ['datagrams', 'lost', 'reordered', 'corrupted']);
  row('  sender to receiver', counts(sent.statistics.channel.out));
  row('  receiver to sender', counts(received.statistics.channel.out));
  const { session } = sent.statistics;
  const damaged = session.damaged + received.statistics.session.damaged;
  print();
  print('What udpcp did about it');
  print(`  ${session.dataSent} datagrams carried the picture, ${session.dataResent} of them sent again`);
  print(`  ${damaged} damaged datagrams were found out and dropped`);
  print(`  ${seconds(sent.elapsedMs)} from the first datagram to the receipt`);
}

/** Whether all three digests are the same one. */
function showDigests(file) {
  const digests = [
    ['the picture here', sha256(PICTURE)],
    ["the receiver's receipt", file.sha256],
    ['the picture there', sha256(join(inbox, 'picture.png'))],
  ];
  print();
  print('SHA-256');
  for (const [whose, digest] of digests) print(`  ${digest}  ${whose}`);
  return digests.every(([, digest]) => digest === digests[0][1]);
}

async function demonstrate() {
  const total = statSync(PICTURE).size;
  print();
  print(`A picture of ${kilobytes(total)} crosses a network that, in each direction, loses 10% of all datagrams,`);
  print('delivers 10% out of order and damages 5%. Two processes, UDP over 127.0.0.1:');
  print();
  const { file, sent, received } = await transfer(total);
  showStory(sent, received);
  const agrees = showDigests(file);
  const { lost, reordered, corrupted } = sent.statistics.channel.out;
  const wasBad = lost.loss > 0 && reordered > 0 && corrupted > 0;
  print();
  print(agrees && wasBad ? 'The picture arrived whole.' : 'SOMETHING IS WRONG: see above.');
  print();
  return agrees && wasBad ? 0 : 1;
}

const endAll = (signal) => {
  for (const child of children) if (child.exitCode === null && child.signalCode === null) child.kill(signal);
};
for (const signal of ['SIGINT', 'SIGTERM', 'SIGHUP']) process.on(signal, () => endAll(signal));
const giveUp = setTimeout(() => {
  process.stderr.write(`udpcp demo: not finished after ${seconds(PATIENCE)}\n`);
  endAll('SIGKILL');
}, PATIENCE);
try {
  process.exitCode = await demonstrate();
} catch (error) {
  process.stderr.write(`udpcp demo: ${error.message}\n`);
  process.exitCode = 1;
} finally {
  clearTimeout(giveUp);
  endAll('SIGKILL');
  rmSync(inbox, { recursive: true, force: true, maxRetries: 5 });
}
