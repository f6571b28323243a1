import { describe, expect, test } from 'vitest';
import { formatHeader, formatVerdict } from '../../src/channel/recording.ts';
import { parseRecording } from '../../src/channel/recording-parser.ts';

const HEADER = formatHeader(7, { out: { loss: 0.1 }, in: {} });

// The format is stable: a recording made by any version replays for ever.
describe('a recording', () => {
  test('has the lines it always had', () => {
    const lines = [
      HEADER,
      formatVerdict('out', 0, 1200, { copies: [{ delay: 0 }] }),
      formatVerdict('out', 1, 1200, { cause: 'loss', copies: [] }),
      formatVerdict('in', 0, 40, { copies: [{ delay: 12.5 }, { delay: 17, cut: 12, flips: [3, 90] }] }),
    ];
    expect(lines.join('')).toBe(
      `{"format":"udpcp-channel","version":1,"seed":7,"directions":{"out":{"loss":0.1},"in":{}}}
{"direction":"out","i":0,"size":1200,"copies":[{"delay":0}]}
{"direction":"out","i":1,"size":1200,"cause":"loss","copies":[]}
{"direction":"in","i":0,"size":40,"copies":[{"delay":12.5},{"delay":17,"cut":12,"flips":[3,90]}]}
`,
    );
  });

  test('reads back', () => {
    const text = `${HEADER}{"direction":"in","i":4,"size":1,"copies":[{"delay":0.1,"cut":0}]}\r\n\n`;
    expect(parseRecording(text)).toEqual({
      kind: 'recording',
      seed: 7,
      directions: new Map([
        ['out', new Map()],
        ['in', new Map([[4, { copies: [{ delay: 0.1, cut: 0 }] }]])],
      ]),
    });
  });
});
