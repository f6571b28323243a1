import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { formatHeader } from '../../src/channel/recording.ts';
import { parseRecording } from '../../src/channel/recording-parser.ts';

const HEADER = formatHeader(1, { out: {}, in: {} });
const header = (fields: object): string => JSON.stringify({ ...JSON.parse(HEADER), ...fields });
const verdict = (fields: object): string =>
  HEADER + JSON.stringify({ direction: 'out', i: 0, size: 10, copies: [{ delay: 1 }], ...fields });
const copy = (fields: object): string => verdict({ copies: [{ delay: 1, ...fields }] });

function messageOf(text: string): string {
  const result = parseRecording(text);
  return result.kind === 'bad-recording' ? result.message : 'no fault';
}

describe('parseRecording()', () => {
  test.each([
    ['nothing', '', /^line 1: not a channel recording/],
    ['another file', 'hello\nworld\n', /^line 1: not a channel recording/],
    ['another JSON file', '{"format":"pcap","version":1}', /^line 1: not a channel recording/],
    ['a header that is a list', '[1]', /^line 1: not a channel recording/],
    ['a later version', header({ version: 2 }), /^line 1: only version 1/],
    ['no seed', header({ seed: null }), /^line 1: "seed"/],
    ['half a seed', header({ seed: 0.5 }), /^line 1: "seed"/],
    ['no directions', header({ directions: 3 }), /^line 1: "directions"/],
    ['a list of directions', header({ directions: [] }), /^line 1: "directions"/],
    ['a line cut off', `${verdict({})}\n{"direction":"out","i":1,"si`, /^line 3: .*cut off/],
    ['a line that is null', `${HEADER}null\n`, /^line 2: not a JSON object/],
    ['a number for a line, after a blank one', `${HEADER}\n7\n`, /^line 3: not a JSON object/],
    ['an unknown direction', verdict({ direction: 'up' }), /^line 2: "direction"/],
    ['a direction of Object.prototype', verdict({ direction: 'constructor' }), /^line 2: "direction"/],
    ['a negative index', verdict({ i: -1 }), /^line 2: "i"/],
    ['an index beyond 2^53 - 1', verdict({ i: 2 ** 53 }), /^line 2: "i"/],
    ['an index in words', verdict({ i: '0' }), /^line 2: "i"/],
    [
      'an index twice',
      `${verdict({})}\n${verdict({}).slice(HEADER.length)}`,
      /^line 3: a second verdict on datagram 0/,
    ],
    ['no size', verdict({ size: undefined }), /^line 2: "size"/],
    ['no copies', verdict({ copies: undefined }), /^line 2: "copies"/],
    ['three copies', verdict({ copies: [{ delay: 0 }, { delay: 0 }, { delay: 0 }] }), /^line 2: "copies".* 2$/],
    ['a loss without a cause', verdict({ copies: [] }), /^line 2: "cause" is not one of drop-list, /],
    ['a loss for an unknown cause', verdict({ copies: [], cause: 'toString' }), /^line 2: "cause" is not/],
    ['a cause beside copies', verdict({ cause: 'loss' }), /^line 2: "cause" beside copies/],
    ['a copy that is a list', verdict({ copies: [[]] }), /^line 2: "delay"/],
    ['no delay', verdict({ copies: [{}] }), /^line 2: "delay"/],
    ['a negative delay', copy({ delay: -1 }), /^line 2: "delay"/],
    ['an endless delay', copy({ delay: 5 }).replace('5', '1e999'), /^line 2: "delay"/],
    ['a negative cut', copy({ cut: -1 }), /^line 2: "cut"/],
    ['half a byte', copy({ cut: 0.5 }), /^line 2: "cut"/],
    ['one flip not in a list', copy({ flips: 3 }), /^line 2: "flips"/],
    ['a negative flip', copy({ flips: [-1] }), /^line 2: "flips"/],
    ['a flip beyond any datagram', copy({ flips: [65_535 * 8] }), /^line 2: "flips"/],
    ['a flip twice', copy({ flips: [3, 3] }), /^line 2: "flips"/],
    ['65 flips', copy({ flips: Array.from({ length: 65 }, (_, bit) => bit) }), /^line 2: "flips"/],
  ])('names the line and what is wrong with %s', (_, text, message) => {
    expect(messageOf(text)).toMatch(message);
    expect(messageOf(text)).not.toContain('\n');
  });

  test('takes nothing from a prototype and leaves none changed', () => {
    const polluting = '{"__proto__":{"direction":"out","i":0,"size":1,"copies":[],"cause":"loss","polluted":true}}';
    expect(messageOf(HEADER + polluting)).toMatch(/^line 2: "direction"/);
    expect(messageOf(copy({}).replace('"delay"', '"__proto__":{"delay":1},"late"'))).toMatch(/^line 2: "delay"/);
    expect(Object.hasOwn(Object.prototype, 'polluted')).toBe(false);
  });

  test('takes "__proto__" for the name of a direction like any other', () => {
    const text = `${HEADER.replace('"out"', '"__proto__"')}{"direction":"__proto__","i":0,"size":1,"copies":[{"delay":2}]}`;
    const result = parseRecording(text);
    expect(result.kind === 'recording' && result.directions.get('__proto__')?.size).toBe(1);
  });

  test('survives any text at all, also behind a good header', () => {
    fc.assert(
      fc.property(fc.oneof(fc.string(), fc.json()), fc.boolean(), (text, isHeaded) => {
        const { kind } = parseRecording(isHeaded ? HEADER + text : text);
        expect(['recording', 'bad-recording']).toContain(kind);
      }),
    );
  });

  test('survives a valid recording with any field replaced by any value', () => {
    const fields = fc.dictionary(fc.constantFrom('direction', 'i', 'size', 'cause', 'copies'), fc.jsonValue());
    const parts = fc.dictionary(fc.constantFrom('delay', 'cut', 'flips'), fc.jsonValue());
    fc.assert(
      fc.property(fields, parts, (replaced, part) => {
        for (const text of [verdict(replaced), copy(part)]) {
          expect(messageOf(text)).toMatch(/^(no fault|line 2: )/);
        }
      }),
    );
  });

  test('survives deep nesting and a long line', () => {
    expect(messageOf(`${HEADER}${'['.repeat(200_000)}`)).toMatch(/^line 2: /);
    expect(messageOf(verdict({ size: 1, more: 'x'.repeat(1_000_000) }))).toBe('no fault');
  });
});
