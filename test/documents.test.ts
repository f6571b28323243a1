import { existsSync, readdirSync, readFileSync } from 'node:fs';
import { dirname, join, relative } from 'node:path';
import { fileURLToPath } from 'node:url';
import { expect, test } from 'vitest';

const ROOT = fileURLToPath(new URL('..', import.meta.url));
const read = (path: string): string => readFileSync(join(ROOT, path), 'utf8');

/** Files that documents name by a link, from the root of the package. */
function linksOf(document: string): string[] {
  const links = [...read(document).matchAll(/\]\((?!https?:|#)([^)#]+)[^)]*\)/g)].map(([, link = '']) => link);
  return links.map((link) => relative(ROOT, join(ROOT, dirname(document), link)));
}

const docs = readdirSync(join(ROOT, 'docs')).filter((name) => name.endsWith('.md'));
const documents = ['README.md', 'PROTOCOL.md', 'SECURITY.md', 'CHANGELOG.md', ...docs.map((name) => `docs/${name}`)];

test.each(documents)('what %s links to is there, and in the package', (document) => {
  const { files } = JSON.parse(read('package.json')) as { readonly files: readonly string[] };
  const packed = ['README.md', 'LICENSE', ...files];
  for (const link of [document, ...linksOf(document)]) {
    expect(existsSync(join(ROOT, link)), link).toBe(true);
    expect(
      packed.some((file) => link === file || link.startsWith(`${file}/`)),
      link,
    ).toBe(true);
  }
});

test('tests that docs/security.md names are there', () => {
  const named = [...read('docs/security.md').matchAll(/`(test\/[\w./-]+)`/g)].map(([, path = '']) => path);
  expect(named.length).toBeGreaterThan(20);
  expect(named.filter((path) => !existsSync(join(ROOT, path)))).toEqual([]);
});

test('the table of bad links in README.md is that of the simulator', () => {
  const measured = new Map(
    [...read('test/sim/links.snap.txt').matchAll(/^(rate=.*?) +([\d.]+) +([\d.]+) +([\d.]+)$/gm)].map(
      ([, link = '', newReno, cubic, bbr]) => [link, [bbr, cubic, newReno].map(Number)],
    ),
  );
  const rows = [...read('README.md').matchAll(/^\| \d+, \d+.* \| ([\d.]+) \| ([\d.]+) \| ([\d.]+) \|$/gm)];
  expect(rows).toHaveLength(7);
  const known = [...measured.values()];
  for (const [row, ...told] of rows) {
    const isOf = (numbers: readonly number[]): boolean =>
      told.every((text, i) => Number(numbers[i]?.toFixed(text.split('.')[1]?.length ?? 0)) === Number(text));
    expect(known.some(isOf), row).toBe(true);
  }
});
