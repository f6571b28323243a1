import type { Source, Wanted } from '../../transfer/ports.ts';
import type { FileSystem } from '../file-system.ts';
import { FileSource, type SourceFile } from './file-source.ts';
import { ResumedSource } from './resumed-source.ts';

/** Opens a file for what the receiver wants of it. */
export function openFile(files: FileSystem, file: SourceFile, wanted: Wanted, wake: () => void): Source {
  return wanted.kind === 'content' && wanted.from > 0
    ? new ResumedSource(files, file, wanted.from, wake)
    : new FileSource(files, file, wanted.kind, wake);
}
