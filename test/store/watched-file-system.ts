import type { FileHandle } from 'node:fs/promises';
import { basename } from 'node:path';
import { type FileSystem, REAL_FILE_SYSTEM } from '../../src/store/file-system.ts';

/** A call the store made: `link part`, `sync directory`, `writev part`, ... and how to really make it. */
interface Call {
  readonly name: string;
  readonly args: readonly unknown[];
  run(...args: readonly unknown[]): Promise<unknown>;
}

/** An error as the system gives it. */
export const fault = (code: string): Error => Object.assign(new Error(`${code}: injected`), { code });

/** Decides what becomes of a call; default: what the real file system says. */
export type Intercept = (call: Call, index: number) => Promise<unknown>;

/** The real file system, with every call seen and changeable. `calls` are the names so far. */
export function watchedFileSystem(intercept: Intercept = (call) => call.run(...call.args)) {
  const calls: string[] = [];
  const watch = <Target extends object>(target: Target, labelOf: (args: readonly unknown[]) => string): Target =>
    new Proxy(target, {
      get(real, property) {
        const value: unknown = Reflect.get(real, property, real);
        if (typeof value !== 'function') return value;
        return async (...args: readonly unknown[]) => {
          const label = labelOf(args);
          const name = `${String(property)} ${label}`;
          const run = (...given: readonly unknown[]): Promise<unknown> => Reflect.apply(value, real, given);
          const result = await intercept({ name, args, run }, calls.push(name) - 1);
          return property === 'open' ? watch(result as FileHandle, () => label) : result;
        };
      },
    });
  const files: FileSystem = watch({ ...REAL_FILE_SYSTEM }, (args) => labelOfPath(String(args[0])));
  return { files, calls };
}

function labelOfPath(path: string): string {
  const name = basename(path);
  const own = /^\.udpcp-[0-9a-f-]+\.(part|journal|lock|link)$/.exec(name)?.[1];
  if (/^\d+_(\d+|-)_/.test(name)) return 'holder';
  return own ?? (/^out$|^\d+$/.test(name) ? 'directory' : name);
}
