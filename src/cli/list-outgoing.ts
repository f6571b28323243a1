import { printable } from '../printable.ts';
import { nameOf } from '../receive-event.ts';
import { gatherNamed } from '../send-file.ts';
import { type LeftOut, leftOutWords } from '../store/left-out.ts';
import type { Gathered, GatherOptions } from '../store/outgoing-tree.ts';
import { exitCodeOf } from './errors.ts';
import { EXIT, type ExitCode } from './exit-codes.ts';
import { formatSize } from './format.ts';
import { dryRunJson, type ListedEntry } from './json.ts';
import type { Output } from './output.ts';
import { countWords } from './report.ts';

/** Runs `udpcp send --dry-run`: lists what would be sent, under the names it would arrive as. Rejects with UdpcpError. */
export async function listOutgoing(
  paths: readonly string[],
  options: GatherOptions,
  output: Output,
): Promise<ExitCode> {
  let gathered: Gathered;
  try {
    gathered = await gatherNamed(paths, options);
  } catch (failure) {
    if (output.isJson) output.result(dryRunJson([], [], failure, exitCodeOf(failure)));
    throw failure;
  }
  const { entries, leftOut } = gathered;
  const listed = entries.map(({ offer, local }): ListedEntry => {
    const { entryKind: kind, size = 0, path, target } = offer;
    return {
      path: nameOf(path),
      from: printable(local),
      kind,
      size,
      target: kind === 'link' ? printable(target) : null,
    };
  });
  const bytes = listed.reduce((sum, { size }) => sum + size, 0);
  if (output.isJson) output.result(dryRunJson(listed, leftOut, undefined, EXIT.ok));
  else {
    for (const entry of listed) output.line(lineOf(entry));
    const others = listed.flatMap(({ kind }) => (kind === 'file' ? [] : [kind]));
    output.note(`would send ${countWords(listed.length - others.length, others)}, ${formatSize(bytes)}`);
    for (const { path, why } of leftOut) output.detail(`skipped ${path}: ${why}`);
    const skipped = skippedLine(leftOut);
    if (skipped !== undefined) output.note(skipped);
  }
  return EXIT.ok;
}

/** What was left out, and how to have links too; undefined: nothing but what the user excluded. */
export function skippedLine(leftOut: readonly LeftOut[]): string | undefined {
  const words = leftOutWords(leftOut.filter(({ why }) => why !== 'excluded'));
  if (words === '') return undefined;
  const hasLinks = leftOut.some(({ why }) => why === 'link');
  return `skipped ${words}${hasLinks ? ' (--links sends links as links, --follow what they point at)' : ''}`;
}

function lineOf({ path, kind, size, target }: ListedEntry): string {
  switch (kind) {
    case 'file':
      return `file       ${String(size).padStart(13)}  ${path}`;
    case 'directory':
      return `directory  ${'-'.padStart(13)}  ${path}/`;
    case 'link':
      return `link       ${'-'.padStart(13)}  ${path} -> ${target}`;
  }
}
