import { printable } from '../printable.ts';
import { listPartials, type Partial, purgePartials } from '../store/part/partials.ts';
import { EXIT, type ExitCode } from './exit-codes.ts';
import { formatAge, formatCount, formatSize } from './format.ts';
import type { RecvCommandOptions } from './recv-action.ts';

/** Runs `udpcp recv --list-partials` and `--purge-partials`. Rejects with UdpcpError. */
export async function partials({ out, json, quiet, purgePartials: age }: RecvCommandOptions): Promise<ExitCode> {
  const list = age === undefined ? await listPartials(out) : await purgePartials(out, age);
  const verb = age === undefined ? 'partials' : 'purged';
  if (json) process.stdout.write(`${JSON.stringify({ [verb]: list.map(partialJson) })}\n`);
  else if (age === undefined) process.stdout.write(list.length === 0 ? '' : `${table(list)}\n`);
  else if (!quiet) process.stderr.write(`removed ${formatCount(list.length, 'partial file')}\n`);
  return EXIT.ok;
}

function partialJson({ file, path, have, size, age, inUse }: Partial): object {
  return { name: nameOf(path), file, have, size: size ?? null, ageSeconds: Math.floor(age / 1000), inUse };
}

/** Printable; null where nothing says what it will be. */
const nameOf = (path: Partial['path']): string | null =>
  path === undefined ? null : path.map((component) => printable(component)).join('/');

/** One row each; the name last, because it may be of any length. */
function table(list: readonly Partial[]): string {
  const rows = list.map(({ path, file, have, size, age, inUse }) => [
    `${formatSize(have)} of ${size === undefined ? '?' : formatSize(size)}`,
    formatAge(age),
    inUse ? 'in use' : 'kept',
    nameOf(path) ?? file,
  ]);
  const all = [['HAVE', 'AGE', 'STATE', 'NAME'], ...rows];
  const widths = [0, 1, 2].map((column) => Math.max(...all.map((row) => row[column]?.length ?? 0)));
  return all.map((row) => row.map((cell, column) => cell.padEnd(widths[column] ?? 0)).join('  ')).join('\n');
}
