import { readFile } from 'node:fs/promises';
import type { Answer } from './request.ts';

/** The same from `src/metrics`, from `dist/metrics` and from the bundle in `dist/bin`. */
const DIRECTORY = new URL('../../src/metrics/page/', import.meta.url);

const FILES: Readonly<Record<string, { readonly name: string; readonly type: string }>> = {
  '/': { name: 'index.html', type: 'text/html; charset=utf-8' },
  '/style.css': { name: 'style.css', type: 'text/css; charset=utf-8' },
  '/phone.css': { name: 'phone.css', type: 'text/css; charset=utf-8' },
  '/script.js': { name: 'script.js', type: 'text/javascript; charset=utf-8' },
  '/icon.svg': { name: 'icon.svg', type: 'image/svg+xml' },
};

/** The page's files by the paths that they are asked for. */
export async function readPageFiles(): Promise<ReadonlyMap<string, Answer>> {
  const answers = Object.entries(FILES).map(async ([path, { name, type }]) => {
    const body = await readFile(new URL(name, DIRECTORY), 'utf8');
    return [path, { status: 200, type, body }] as const;
  });
  return new Map(await Promise.all(answers));
}
