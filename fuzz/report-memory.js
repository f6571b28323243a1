// Loaded before a receiver (node --import): on SIGUSR2 it tells on file descriptor 3 what memory is in use.
import { writeSync } from 'node:fs';
import { setFlagsFromString } from 'node:v8';
import { runInNewContext } from 'node:vm';

setFlagsFromString('--expose-gc');
const collect = runInNewContext('gc'); // only contexts made after the flag was set have the function

process.on('SIGUSR2', () => {
  collect();
  const { rss, heapUsed, external, arrayBuffers } = process.memoryUsage();
  writeSync(3, `${JSON.stringify({ rss, heap: heapUsed + external, arrayBuffers })}\n`);
});
