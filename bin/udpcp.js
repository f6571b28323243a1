#!/usr/bin/env node
// CommonJS, by package.json beside it, as what it loads: Node is ready for that a fifth earlier.
const [major] = process.versions.node.split('.');
if (Number(major) < 20) {
  process.stderr.write(`udpcp: needs Node 20 or newer, this is ${process.versions.node}\n`);
  process.exitCode = 2;
} else {
  void run();
}

async function run() {
  try {
    const { main } = require('../dist/bin/main.cjs');
    process.exitCode = await main(process.argv.slice(2));
  } catch (error) {
    if (error.code !== 'EMFILE') throw error;
    process.stderr.write('udpcp: too few files may be open at once: raise the limit, as by `ulimit -n 256`\n');
    process.exitCode = 2;
  }
  // Nobody needs the heap to be taken apart in order, which takes 5 ms.
  process.once('beforeExit', () => process.exit());
  // A command that is over does not wait for what it gave up, like a name service that never answers: for that even
  // `exit` waits, but not the signal that ended the command, which shells show as the same exit code. Without a signal
  // nobody gives up the first question to it, and later ones are asked by a process of their own.
  const signal = { 129: 'SIGHUP', 130: 'SIGINT', 143: 'SIGTERM' }[process.exitCode];
  setTimeout(() => (signal === undefined ? process.exit() : process.kill(process.pid, signal)), 1000).unref();
}
