#!/usr/bin/env node
import { getHeapSpaceStatistics, setFlagsFromString } from 'node:v8';

/**
 * Bytes for young objects. Datagrams make much garbage: with a quarter of this, collecting it takes a tenth of the time;
 * with the 16 MiB that V8 would come to, a third more memory is held.
 */
const YOUNG = 4 * 1024 * 1024;

/** Lets the room for young objects grow, as it does by itself while the program loads, and stops that at `YOUNG`. */
function boundYoungSpace() {
  const young = getHeapSpaceStatistics().find(({ space_name: name }) => name === 'new_space');
  if (young === undefined || young.space_size >= YOUNG) setFlagsFromString('--semi-space-growth-factor=1');
  else setTimeout(boundYoungSpace, 10).unref();
}

boundYoungSpace();
// The same for old ones: objects that live for a round trip become old, and 10,000 small files are many.
setFlagsFromString('--heap-growing-percent=25');
// The library may ask for it, where V8 does not see how much memory large datagrams hold.
setFlagsFromString('--expose-gc');

const [major] = process.versions.node.split('.');
if (Number(major) < 20) {
  process.stderr.write(`udpcp: needs Node 20 or newer, this is ${process.versions.node}\n`);
  process.exitCode = 2;
} else {
  try {
    const { main } = await import('../dist/bin/main.js');
    process.exitCode = await main(process.argv.slice(2));
  } catch (error) {
    if (error.code !== 'EMFILE') throw error;
    process.stderr.write('udpcp: too few files may be open at once: raise the limit, as by `ulimit -n 256`\n');
    process.exitCode = 2;
  }
  // A command that is over does not wait for what it gave up, like a name service that never answers: for that even
  // `exit` waits, but not the signal that ended the command, which shells show as the same exit code. Without a signal
  // nobody gives up the first question to it, and later ones are asked by a process of their own.
  const signal = { 129: 'SIGHUP', 130: 'SIGINT', 143: 'SIGTERM' }[process.exitCode];
  setTimeout(() => (signal === undefined ? process.exit() : process.kill(process.pid, signal)), 1000).unref();
}
