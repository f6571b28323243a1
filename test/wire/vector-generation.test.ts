import { fileURLToPath } from 'node:url';
import { expect, test } from 'vitest';
import { bitwiseCrc32c } from './layout.ts';
import { malformedVectors } from './malformed-vectors.ts';
import { messageVectors } from './message-vectors.ts';
import { frameVectors, packetVectors } from './packet-vectors.ts';
import { toHex, VECTOR_FILE, type VectorFile } from './vector-file.ts';
import { walkVectors } from './walk-vectors.ts';

const generated: VectorFile = {
  about: [
    'Golden vectors of the udpcp protocol, version 1 (PROTOCOL.md). Bytes and connection ids are hexadecimal, null is absent.',
    'layout: [offset, width, field, hex] rows that add up to hex. Made by the naive encoder in test/wire, never by the codec.',
    'Names ending in -opaque show where the bytes of a key agreement or an AEAD stand; those bytes are no real cryptography.',
    'An ackDelay is in milliseconds here and in microseconds on the wire.',
  ],
  crc32c: ['123456789', ''].map((words) => {
    const bytes = new TextEncoder().encode(words);
    return {
      name: `crc-of-${words || 'nothing'}`,
      hex: toHex(bytes),
      crc: bitwiseCrc32c(bytes).toString(16).padStart(8, '0'),
    };
  }),
  packets: [...packetVectors, ...walkVectors],
  frames: frameVectors,
  messages: messageVectors,
  malformed: malformedVectors,
};

/** One vector to a paragraph, one layout row to a line: small differences stay readable. */
function printed(file: VectorFile): string {
  const row = (value: unknown): string => JSON.stringify(value);
  const lines = Object.entries(file).map(([group, list]) => {
    const items = (list as readonly unknown[]).map((item) => {
      if (typeof item !== 'object' || item === null || !('layout' in item)) return `    ${row(item)}`;
      const { layout, ...rest } = item;
      const rows = (layout as readonly unknown[]).map((each) => `        ${row(each)}`).join(',\n');
      return `    ${row(rest).slice(0, -1)},\n      "layout": [\n${rows}\n      ]}`;
    });
    return `  ${row(group)}: [\n${items.join(',\n')}\n  ]`;
  });
  return `{\n${lines.join(',\n')}\n}\n`;
}

// `npx vitest run test/wire/vector-generation.test.ts -u` writes the file anew; a difference nobody wanted is a change of the protocol.
test('fixtures/vectors.json is what the naive encoder makes', async () => {
  await expect(printed(generated)).toMatchFileSnapshot(fileURLToPath(VECTOR_FILE));
});
