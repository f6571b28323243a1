import { readFileSync } from 'node:fs';

/** Of package.json: the same file from `src`, from `dist` and from the bundle. */
export function packageVersion(): string {
  const { version } = JSON.parse(readFileSync(new URL('../../package.json', import.meta.url), 'utf8')) as {
    version: string;
  };
  return version;
}
