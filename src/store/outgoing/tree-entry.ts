import type { BigIntStats } from 'node:fs';
import type { Bytes } from '../../base/units.ts';
import { printable } from '../../printable.ts';
import type { Offer } from '../../transfer/messages.ts';
import type { OutgoingEntry, Source, Wanted } from '../../transfer/ports.ts';
import type { FileSystem } from '../file-system.ts';
import { EmptySource } from './empty-source.ts';
import type { SeenFile } from './file-source.ts';
import { openFile } from './open-file.ts';

/** An entry to send, and where it is here. */
export interface SendEntry extends OutgoingEntry {
  /** Its path on this machine, printable. */
  readonly local: string;
}

/** What of a file's state is offered when its owner asked for that. */
export type Kept = Pick<Offer, 'mtime' | 'mode'>;
export const NOTHING_KEPT: Kept = { mtime: undefined, mode: undefined };

/** Mode and modification time as they are offered. */
export function keptOf(stat: BigIntStats): Kept {
  const mtime = Math.floor(Number(stat.mtimeNs / 1000n) / 1000); // `mtimeMs` is rounded up before 1970
  return { mtime, mode: Number(stat.mode & 0o777n) };
}

/** A directory to send, with what is in it. The paths of everything below it are made of these when they are needed. */
export class Folder {
  readonly parent: Folder | undefined;
  /** What it is offered as. */
  readonly name: Uint8Array;
  /** How it is reached here: from its parent, or the path that the user gave. */
  readonly here: Uint8Array;
  kept: Kept = NOTHING_KEPT;
  /** In order. */
  readonly content: (Folder | TreeEntry)[] = [];

  constructor(parent: Folder | undefined, name: Uint8Array, here: Uint8Array = name) {
    this.parent = parent;
    this.name = name;
    this.here = here;
  }

  /** Path components as they are offered. */
  components(): Uint8Array[] {
    const components = this.parent?.components() ?? [];
    components.push(this.name);
    return components;
  }

  /** The path on this machine of something in it. */
  pathOf(name: Uint8Array): Buffer {
    return Buffer.concat([this.path(), SLASH, name]);
  }

  path(): Buffer {
    return this.parent === undefined ? Buffer.from(this.here) : this.parent.pathOf(this.here);
  }
}

const SLASH = Buffer.from('/');
const NO_TARGET = new Uint8Array(0);

type What =
  | { readonly kind: 'file'; readonly size: Bytes; readonly seen: SeenFile; readonly fresh: boolean }
  | { readonly kind: 'link'; readonly target: Uint8Array };

/** A file or a link in a directory to send. Small, because there may be very many: nothing is opened or held. */
export class TreeEntry implements SendEntry {
  readonly #files: FileSystem;
  readonly #folder: Folder;
  readonly #name: Uint8Array;
  readonly #kept: Kept;
  readonly #what: What;

  constructor(files: FileSystem, folder: Folder, name: Uint8Array, kept: Kept, what: What) {
    this.#files = files;
    this.#folder = folder;
    this.#name = name;
    this.#kept = kept;
    this.#what = what;
  }

  get offer(): OutgoingEntry['offer'] {
    const path = this.#folder.components();
    path.push(this.#name);
    const isFile = this.#what.kind === 'file';
    return {
      entryKind: this.#what.kind,
      size: isFile ? this.#what.size : 0,
      fresh: isFile && this.#what.fresh,
      ...this.#kept,
      path,
      target: isFile ? NO_TARGET : this.#what.target,
    };
  }

  get local(): string {
    return printable(this.#folder.pathOf(this.#name));
  }

  open(wanted: Wanted, wake: () => void): Source {
    if (this.#what.kind === 'link') return new EmptySource();
    const name = printable(this.#name);
    return openFile(this.#files, { path: this.#folder.pathOf(this.#name), name, stat: this.#what.seen }, wanted, wake);
  }
}

/** A directory as an entry of its own: because it is empty, or has a mode and time to keep. */
export class FolderEntry implements SendEntry {
  readonly #folder: Folder;

  constructor(folder: Folder) {
    this.#folder = folder;
  }

  get offer(): OutgoingEntry['offer'] {
    const path = this.#folder.components();
    return { entryKind: 'directory', size: 0, fresh: false, ...this.#folder.kept, path, target: NO_TARGET };
  }

  get local(): string {
    return printable(this.#folder.path());
  }

  open(): Source {
    return new EmptySource();
  }
}
