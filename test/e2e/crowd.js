// Sends a file each from so many senders at once, all in this one process, and tells what became of them as JSON:
//   node crowd.js DIRECTORY PORT FIRST COUNT SIZE
import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { sendFile } from 'udpcp';

const [directory, port, first, count, size] = process.argv.slice(2);

/** A receiver takes so many at once and tells the others that it is busy: they come again. */
async function send(index) {
  const path = join(directory, `file-${index}`);
  writeFileSync(path, Buffer.alloc(Number(size), `${index} `));
  for (let refusals = 0; ; refusals++) {
    try {
      // Whatever the crowd is waiting for, one machine does the work of all of them.
      const session = { connectTimeout: 120_000, idleTimeout: 120_000 };
      const { elapsed } = await sendFile(path, { host: '127.0.0.1', port: Number(port), session, retryFor: 0 });
      return { index, refusals, elapsed };
    } catch (error) {
      if (error.code !== 'ERR_REFUSED') return { index, refusals, error: error.message };
    }
  }
}

const all = Array.from({ length: Number(count) }, (_, i) => send(Number(first) + i));
process.stdout.write(`${JSON.stringify(await Promise.all(all))}\n`);
