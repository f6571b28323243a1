import { readFileSync } from 'node:fs';
import { describe, expect, test } from 'vitest';
import { TRANSFER_CODE } from '../../src/transfer/codes.ts';
import { CLOSE_CODE } from '../../src/wire/close-codes.ts';
import { readVectors, type Vector } from './vector-file.ts';

// PROTOCOL.md is what strangers implement: its examples and code tables must be those of the vectors and the code.

const document = readFileSync(new URL('../../PROTOCOL.md', import.meta.url), 'utf8');
const { crc32c, packets, frames, messages } = readVectors();
const vectors = new Map([...packets, ...frames, ...messages].map((vector) => [vector.name, vector]));

/** Fenced blocks that open with ```hex NAME. */
const examples = [...document.matchAll(/^```hex(.*)\n([^`]*)^```$/gm)].map(([, name = '', text = '']) => ({
  name: name.trim(),
  text,
}));

/** The bytes of a block: comments begin with `;`, `00 * 80` is a byte repeated. */
function bytesOf(text: string): string {
  const bytes = text
    .replaceAll(/;.*$/gm, '')
    .replaceAll(/\b([0-9a-f]{2}) \* (\d+)/g, (_, byte, count) => byte.repeat(count));
  return bytes.replaceAll(/\s/g, '');
}

/** The rows `| number | NAME | ...` of the section with this title, as our tables of codes have them. */
function codesOf(title: string): Record<string, number> {
  const section = document.split(/^#{2,3} [\d.]* ?/m).find((part) => part.startsWith(`${title}\n`)) ?? '';
  const rows = [...section.matchAll(/^\| (\d+) \| ([A-Z_]+) \|/gm)];
  return Object.fromEntries(rows.map(([, code, name = '']) => [camelCase(name), Number(code)]));
}

const camelCase = (name: string): string =>
  name.toLowerCase().replaceAll(/_(\w)/g, (_, letter) => letter.toUpperCase());

test('every block of hexadecimal is found', () => {
  expect(examples.length).toBe(document.split('```hex').length - 1);
  expect(examples.length).toBeGreaterThan(20);
});

test.each(examples)('the example $name has the bytes of its vector', ({ name, text }) => {
  expect(bytesOf(text)).toBe(vectors.get(name)?.hex);
});

test('every kind of packet, frame and message has an example', () => {
  const kindsIn = (list: readonly Vector[]): Set<string> => {
    const kinds = list.flatMap(({ kind, fields }) => {
      const { frames: inner = [] } = fields as { readonly frames?: readonly { readonly kind: string }[] };
      return [kind, ...inner.map((frame) => frame.kind)];
    });
    return new Set(kinds.filter((kind) => kind !== 'unknown-version')); // a HELLO but for its version
  };
  const shown = kindsIn(examples.flatMap(({ name }) => vectors.get(name) ?? []));
  const streams = examples.flatMap(({ text }) =>
    [...text.matchAll(/; {5}([A-Z]+)$/gm)].map(([, kind = '']) => kind.toLowerCase()),
  );
  expect([...kindsIn([...vectors.values()])].filter((kind) => !shown.has(kind) && !streams.includes(kind))).toEqual([]);
});

test('the contents lead to headings, and every section does to the contents', () => {
  const anchorOf = (heading: string): string =>
    heading
      .toLowerCase()
      .replaceAll(/[^\w -]/g, '')
      .replaceAll(' ', '-');
  const headings = [...document.matchAll(/^#{2,4} (.*)$/gm)].map(([, heading = '']) => anchorOf(heading));
  const links = [...document.matchAll(/\]\(#([^)]+)\)/g)].map(([, anchor = '']) => anchor);
  expect(links.filter((anchor) => !headings.includes(anchor))).toEqual([]);
  const sections = [...document.matchAll(/^(?:## |### 12)(.*)$/gm)].map(([line]) => anchorOf(line.replace(/^#+ /, '')));
  expect(sections.filter((anchor) => !links.includes(anchor))).toEqual([]);
});

test('the check value of the CRC is the one in the vectors', () => {
  expect(document).toContain(`0x${crc32c[0]?.crc.toUpperCase()}`);
});

describe('the tables of codes', () => {
  test('close codes', () => expect(codesOf('Close codes')).toEqual(CLOSE_CODE));
  test('transfer codes', () => expect(codesOf('Transfer codes')).toEqual(TRANSFER_CODE));
});
