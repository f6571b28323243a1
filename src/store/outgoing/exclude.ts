import { StoreError } from '../store-error.ts';

/** Whether something below a named directory is left out: its components, printable or not, and what it is. */
export type Exclude = (components: readonly string[], isDirectory: boolean) => boolean;

/**
 * Globs as in a `.gitignore`: without a slash one matches any component, with one the path below the named directory,
 * and `dir/` only directories. Rejects with a StoreError (ERR_USAGE) for one that says nothing.
 */
export async function excluding(patterns: readonly string[]): Promise<Exclude> {
  if (patterns.length === 0) return () => false;
  const { default: picomatch } = await import('picomatch'); // only for those who want it: it takes a while to load
  const rules = patterns.map((pattern) => {
    const isForDirectories = pattern.endsWith('/');
    const glob = pattern.replace(/\/+$/, '');
    const isPath = glob.includes('/');
    const text = glob.replace(/^\/+/, '');
    if (text === '') throw new StoreError('ERR_USAGE', `cannot exclude '${pattern}': it names nothing`);
    return { isForDirectories, isPath, matches: compile(picomatch, pattern, text) };
  });
  return (components, isDirectory) =>
    rules.some(({ isForDirectories, isPath, matches }) => {
      if (isForDirectories && !isDirectory) return false;
      return matches(isPath ? components.join('/') : (components.at(-1) ?? ''));
    });
}

function compile(picomatch: typeof import('picomatch'), pattern: string, text: string): (path: string) => boolean {
  try {
    return picomatch(text, { dot: true, nonegate: true });
  } catch (error) {
    const words = error instanceof Error ? error.message : String(error);
    throw new StoreError('ERR_USAGE', `cannot exclude '${pattern}': ${words}`, { cause: error });
  }
}
