#!/usr/bin/env node
// npm run bench: how fast udpcp is, part by part. docs/performance.md says how to read it.
import { readFileSync, writeFileSync } from 'node:fs';
import { Argument, Command } from 'commander';
import { parseInteger, parseSize } from '../dist/cli/options/values.js';
import { channel } from './channel.js';
import { codec } from './codec.js';
import { links } from './links.js';
import { loopback } from './loopback.js';
import { describeMachine } from './machine.js';
import { memory } from './memory.js';
import { endAll } from './processes.js';
import { senders } from './senders.js';
import { simulator } from './simulator.js';
import { timers } from './timers.js';
import { removeAll } from './workspace.js';

const PARTS = { loopback, links, senders, codec, channel, simulator, memory, timers };
/** Of the JSON: changes when a field changes its meaning or goes away. */
const SCHEMA = 1;

const isTerminal = process.stderr.isTTY === true;
/** What is being done now: a line of its own, or one that is written over. */
const note = (text) => process.stderr.write(isTerminal ? `\r\x1b[K${text}` : `${text}\n`);
const clearNote = () => isTerminal && process.stderr.write('\r\x1b[K');

async function runParts(names, options) {
  const results = {};
  for (const name of names) {
    const result = await PARTS[name].run({ ...options, note });
    removeAll();
    clearNote();
    process.stdout.write(`\n== ${name} ==\n\n${PARTS[name].report(result)}`);
    results[name] = result;
  }
  return results;
}

async function bench(names, { json, ...options }) {
  const { version } = JSON.parse(readFileSync(new URL('../package.json', import.meta.url), 'utf8'));
  const machine = describeMachine();
  const { cpu, cores, load, platform, arch, node } = machine;
  process.stdout.write(
    `udpcp ${version}, Node ${node}, ${platform} ${arch}, ${cores} cores: ${cpu}, load ${load.toFixed(1)}\n`,
  );
  const startedAt = new Date().toISOString();
  const parts = await runParts(names.length > 0 ? names : Object.keys(PARTS), options);
  const results = { schema: SCHEMA, udpcp: version, startedAt, machine, runs: options.runs, parts };
  if (json !== undefined) writeFileSync(json, `${JSON.stringify(results, undefined, 2)}\n`);
  return Object.values(parts).every(({ ok }) => ok) ? 0 : 1;
}

const cleanUp = () => {
  endAll();
  removeAll();
};
for (const [signal, code] of Object.entries({ SIGHUP: 129, SIGINT: 130, SIGTERM: 143 })) {
  process.on(signal, () => {
    cleanUp();
    process.exit(code);
  });
}

const summaries = Object.entries(PARTS).map(([name, { summary }]) => `  ${name.padEnd(11)}${summary}`);
const command = new Command('bench')
  .addArgument(new Argument('[part...]', 'what to measure; everything unless given').choices(Object.keys(PARTS)))
  .option('--size <size>', 'size of the file of loopback (1Gi) and memory (2Gi)', parseSize)
  .option('--runs <n>', 'measurements of which the median is taken', (text) => parseInteger(text, 1, 1000), 5)
  .option('--update', 'write bench/links.txt instead of comparing with it')
  .option('--json <file>', 'write all results there too')
  .addHelpText('after', `\nParts:\n${summaries.join('\n')}`)
  .action(async (names, options) => {
    process.exitCode = await bench(names, options);
  });

try {
  await command.parseAsync();
} catch (error) {
  clearNote();
  process.stderr.write(`bench: ${error.message}\n`);
  process.exitCode = 1;
} finally {
  cleanUp();
}
