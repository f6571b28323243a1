#!/usr/bin/env node
import { setFlagsFromString } from 'node:v8';

// Datagrams make much short-lived garbage: collecting it often costs no time here, and a third of the memory less.
setFlagsFromString('--semi-space-growth-factor=1');
// And the library may ask for it, where V8 does not see how much memory large datagrams hold.
setFlagsFromString('--expose-gc');

const [major] = process.versions.node.split('.');
if (Number(major) < 20) {
  process.stderr.write(`udpcp: needs Node 20 or newer, this is ${process.versions.node}\n`);
  process.exitCode = 2;
} else {
  const { main } = await import('../dist/cli/main.js');
  process.exitCode = await main(process.argv.slice(2));
  // A command that is over does not wait for what it gave up, like a name service that never answers.
  setTimeout(() => process.exit(), 1000).unref();
}
