import type { Bytes } from '../base/units.ts';
import type { Comparisons } from './comparisons.ts';
import type { ExistsPolicy } from './exists-policy.ts';
import type { FileSystem } from './file-system.ts';
import type { OutDirectory } from './out-directory.ts';
import type { Leftovers } from './part/leftovers.ts';

/** What all entries of one store share. */
export interface Place {
  readonly files: FileSystem;
  readonly directory: OutDirectory;
  readonly exists: ExistsPolicy;
  /** The largest file taken. */
  readonly maxSize: Bytes;
  /** Permission bits of published files whose offer gives none, and those that an offer may give. */
  readonly mode: number;
  readonly mayHave: number;
  /** Keep what an interrupted transfer leaves, and go on with it. */
  readonly resume: boolean;
  /** Make content and names durable before they are confirmed. */
  readonly fsync: boolean;
  readonly comparisons: Comparisons;
  readonly leftovers: Leftovers;
}

/** Permission bits of a file: those of an ordinary new one, or the offered ones that it may have. */
export function modeOf({ mode, mayHave }: Place, offered: number | undefined): number {
  return offered === undefined ? mode : offered & mayHave;
}
