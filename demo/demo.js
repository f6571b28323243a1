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
/** Longest that anything here may take, in milliseconds. */
const PATIENCE = 30_000;
const isTerminal = Boolean(process.stderr.isTTY);

/** Each process does this to every datagram it sends, so it happens both ways. */
const BAD_NETWORK = ['--loss-out', '10%', '--reorder-out', '10%,30ms', '--corrupt-out', '5%', '--delay-out', '15ms'];

const inbox = mkdtempSync(join(tmpdir(), 'udpcp-demo-'));
const children = [];

/** Runs udpcp with `--json`; a terminal also gets to see its progress. */
function run(words, shown) {
  process.stdout.write(`  $ udpcp ${words.join(' ')}\n`);
  const stderr = shown && isTerminal ? 'inherit' : 'ignore';
  const child = spawn(process.execPath, [UDPCP, ...words, '--json'], { stdio: ['ignore', 'pipe', stderr] });
  children.push(child);
  return child;
}

/** The next JSON line of a child; rejects when it ends without one. */
async function nextResult(lines) {
  const { value, done } = await lines.next();
  if (done) throw new Error('a process ended without a result');
  return JSON.parse(value);
}

const linesOf = (child) => createInterface({ input: child.stdout })[Symbol.asyncIterator]();
const kilobytes = (bytes) => `${Math.round(bytes / 1000)} kB`;
const sha256 = (path) => createHash('sha256').update(readFileSync(path)).digest('hex');

/** Without a terminal: a line now and then about what is on the receiver's disk. */
function watchDisk(total) {
  const startedAt = performance.now();
  return setInterval(() => {
    const [part] = readdirSync(inbox).filter((name) => name.endsWith('.part'));
    const size = part && statSync(join(inbox, part), { throwIfNoEntry: false })?.size;
    const seconds = ((performance.now() - startedAt) / 1000).toFixed(1);
    if (size) process.stdout.write(`    ${seconds} s  ${kilobytes(size)} of ${kilobytes(total)} have arrived\n`);
  }, 500);
}

function showNetwork(there, back) {
  const row = (...cells) =>
    `  ${cells[0].padEnd(22)}${cells
      .slice(1)
      .map((cell) => String(cell).padStart(11))
      .join('')}`;
  const counts = ({ datagramsIn, lost, reordered, corrupted }) => [datagramsIn, lost.loss, reordered, corrupted];
  const lines = [
    row('What the network did', 'datagrams', 'lost', 'reordered', 'corrupted'),
    row('  sender to receiver', ...counts(there)),
    row('  receiver to sender', ...counts(back)),
  ];
  process.stdout.write(`\n${lines.join('\n')}\n`);
}

async function demonstrate() {
  const total = statSync(PICTURE).size;
  process.stdout.write(
    `\n  A picture of ${kilobytes(total)} crosses a network that loses 10% of all datagrams in each direction,\n`,
  );
  process.stdout.write('  delivers 10% out of order and damages 5%. Two processes, UDP over 127.0.0.1:\n\n');

  const receiver = run([
    'recv',
    '--out',
    inbox,
    '--once',
    '--bind',
    '127.0.0.1',
    '--port',
    '0',
    ...BAD_NETWORK,
    '--seed',
    '1',
  ]);
  const fromReceiver = linesOf(receiver);
  const { port } = await nextResult(fromReceiver);
  const picture = relative(process.cwd(), PICTURE) || PICTURE;
  const sender = run(['send', picture, `127.0.0.1:${port}`, ...BAD_NETWORK, '--seed', '2'], true);
  const ended = Promise.all([once(sender, 'exit'), once(receiver, 'exit')]);
  process.stdout.write('\n');
  const watch = isTerminal ? undefined : watchDisk(total);
  const sent = await nextResult(linesOf(sender)).finally(() => clearInterval(watch));
  const received = await nextResult(fromReceiver);
  const [[sendCode], [receiveCode]] = await ended;

  const { session, channel } = sent.statistics;
  showNetwork(channel.out, received.statistics.channel.out);
  process.stdout.write('\n  What udpcp did about it\n');
  process.stdout.write(
    `    ${session.dataSent} datagrams carried the picture, ${session.dataResent} of them sent again, in ${(sent.elapsedMs / 1000).toFixed(1)} s\n`,
  );
  process.stdout.write(
    `    ${received.statistics.session.damaged + session.damaged} damaged datagrams were noticed by their checksum and dropped\n`,
  );

  const digests = [
    ['of the picture', sha256(PICTURE)],
    ['that the sender knows to be stored', sent.files[0]?.sha256],
    ['of what the receiver stored', sha256(join(inbox, 'picture.png'))],
  ];
  process.stdout.write('\n  SHA-256\n');
  for (const [whose, digest] of digests) process.stdout.write(`    ${digest}  ${whose}\n`);
  const agrees = new Set(digests.map(([, digest]) => digest)).size === 1;
  const wasHard = channel.out.lost.loss > 0 && channel.out.reordered > 0 && channel.out.corrupted > 0;
  const isGood = agrees && wasHard && sendCode === 0 && receiveCode === 0;
  process.stdout.write(isGood ? '\n  The picture arrived whole.\n\n' : '\n  SOMETHING IS WRONG: see above.\n\n');
  return isGood ? 0 : 1;
}

const giveUp = setTimeout(() => {
  process.stderr.write(`udpcp demo: not finished after ${PATIENCE / 1000} s\n`);
  for (const child of children) child.kill('SIGKILL');
}, PATIENCE);
for (const signal of ['SIGINT', 'SIGTERM', 'SIGHUP']) {
  process.on(signal, () => {
    for (const child of children) child.kill(signal);
  });
}
try {
  process.exitCode = await demonstrate();
} catch (error) {
  process.stderr.write(`udpcp demo: ${error.message}\n`);
  process.exitCode = 1;
} finally {
  clearTimeout(giveUp);
  for (const child of children) if (child.exitCode === null && child.signalCode === null) child.kill('SIGKILL');
  rmSync(inbox, { recursive: true, force: true, maxRetries: 5 });
}
