#!/usr/bin/env node
// npm run fuzz: what strangers may send. Parts are chosen by name; a failure prints the seed that repeats it.
import { randomInt } from 'node:crypto';
import { Argument, Command } from 'commander';
import { parseInteger, parseSeed } from '../dist/cli/options/values.js';
import { collisions } from './collisions.js';
import { decoders } from './decoders.js';
import { flood } from './flood.js';
import { handshakes } from './handshakes.js';
import { hostile } from './hostile.js';
import { record } from './record.js';
import { session } from './session.js';
import { through } from './through.js';

const PARTS = { decoders, session, hostile, flood, handshakes, through, collisions };
const isTerminal = process.stderr.isTTY === true;
const note = (text) => isTerminal && process.stderr.write(`\r\x1b[K${text}`);

async function fuzz(names, options) {
  process.stdout.write(`seed ${options.seed}\n`);
  for (const name of names.length > 0 ? names : Object.keys(PARTS)) {
    const part = name === 'record' ? record : PARTS[name];
    const result = await part.run({ ...options, note });
    note('');
    process.stdout.write(`\n== ${name} ==\n\n${part.report(result)}\n`);
    for (const fault of result.faults) process.stdout.write(`FAULT: ${fault}\n`);
    if (!result.ok) process.exitCode = 1;
  }
}

const summaries = Object.entries({ ...PARTS, record }).map(([name, { summary }]) => `  ${name.padEnd(11)}${summary}`);
const command = new Command('fuzz')
  .addArgument(
    new Argument('[part...]', 'everything but record unless given').choices([...Object.keys(PARTS), 'record']),
  )
  .option(
    '--count <n>',
    'inputs of decoders, session and hostile, HELLOs of collisions',
    (text) => parseInteger(text, 0, 1e9),
    1_000_000,
  )
  .option('--rate <n>', 'datagrams a second of hostile and through', (text) => parseInteger(text, 1, 1e6), 40_000)
  .option('--seconds <n>', 'of flood', (text) => parseInteger(text, 1, 86_400), 20)
  .option('--seed <n>', 'repeats a run', parseSeed, randomInt(2 ** 32))
  .addHelpText('after', `\nParts:\n${summaries.join('\n')}`)
  .action(fuzz);

try {
  await command.parseAsync();
} catch (error) {
  process.stderr.write(`fuzz: ${error.stack}\n`);
  process.exitCode = 1;
}
