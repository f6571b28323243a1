// Loaded before a measured program (node --import): at its end it tells on file descriptor 3 what the process cost.
import { writeSync } from 'node:fs';

process.once('exit', () => {
  const { userCPUTime, systemCPUTime, maxRSS } = process.resourceUsage();
  // In milliseconds and bytes; all threads of the process, its start included.
  writeSync(3, JSON.stringify({ cpu: (userCPUTime + systemCPUTime) / 1000, peak: maxRSS * 1024 }));
});
