import { printable } from '../printable.ts';
import { nameOf } from '../receive/receive-event.ts';
import { gatherNamed } from '../send/send-file.ts';
import { type LeftOut, leftOutWords } from '../store/outgoing/left-out.ts';
import type { GatherOptions } from '../store/outgoing/outgoing-tree.ts';
import type { SendEntry } from '../store/outgoing/tree-entry.ts';
import { EXIT, type ExitCode } from './exit-codes.ts';
import { formatSize } from './format.ts';
import { JsonLines, runtimeJson } from './json/json-lines.ts';
import type { Output } from './output.ts';
import { countWords } from './report.ts';

/** Runs `udpcp send --dry-run`: lists what would be sent, under the names it would arrive as. Rejects with UdpcpError. */
export async function listOutgoing(
  paths: readonly string[],
  options: GatherOptions,
  output: Output,
): Promise<ExitCode> {
  const { entries, leftOut } = await gatherNamed(paths, options);
  const listed = entries.map(listedOf);
  const others = listed.flatMap(({ kind }) => (kind === 'file' ? [] : [kind]));
  const totals = {
    files: listed.length - others.length,
    directories: others.filter((kind) => kind === 'directory').length,
    links: others.filter((kind) => kind === 'link').length,
    bytes: listed.reduce((sum, { size }) => sum + size, 0),
  };
  if (output.format !== undefined) {
    new JsonLines().write({ type: 'list', command: 'send', runtime: runtimeJson(), entries: listed, totals, leftOut });
    return EXIT.ok;
  }
  for (const entry of listed) output.line(lineOf(entry));
  output.note(`would send ${countWords(totals.files, others)}, ${formatSize(totals.bytes)}`);
  for (const { path, why } of leftOut) output.detail(`skipped ${path}: ${why}`);
  const skipped = skippedLine(leftOut);
  if (skipped !== undefined) output.note(skipped);
  return EXIT.ok;
}

/** One entry of a list; all text is printable. */
interface ListedEntry {
  /** What it is here. */
  readonly path: string;
  /** What it would arrive as. */
  readonly name: string;
  readonly kind: 'file' | 'directory' | 'link';
  readonly size: number;
  readonly target: string | undefined;
}

function listedOf({ offer, local }: SendEntry): ListedEntry {
  const { entryKind: kind, size = 0, path, target } = offer;
  const to = kind === 'link' ? printable(target) : undefined;
  return { path: printable(local), name: nameOf(path), kind, size, target: to };
}

/** What was left out, and how to have links too; undefined: nothing but what the user excluded. */
export function skippedLine(leftOut: readonly LeftOut[]): string | undefined {
  const words = leftOutWords(leftOut.filter(({ why }) => why !== 'excluded'));
  if (words === '') return undefined;
  const hasLinks = leftOut.some(({ why }) => why === 'link');
  return `skipped ${words}${hasLinks ? ' (--links sends links as links, --follow what they point at)' : ''}`;
}

function lineOf({ name, kind, size, target }: ListedEntry): string {
  switch (kind) {
    case 'file':
      return `file       ${String(size).padStart(13)}  ${name}`;
    case 'directory':
      return `directory  ${'-'.padStart(13)}  ${name}/`;
    case 'link':
      return `link       ${'-'.padStart(13)}  ${name} -> ${target}`;
  }
}
