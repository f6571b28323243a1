import { readdirSync, readFileSync } from 'node:fs';
import { expect, test } from 'vitest';
import { TRANSFER_CODE } from '../../src/transfer/codes.ts';
import { utf8 } from '../transfer/bytes.ts';
import { anyEntry, sendEntries } from './send-entries.ts';
import { type Served, startReceiver } from './served.ts';

/** More by hand: UDPCP_OFFERS=1000000. */
const { UDPCP_OFFERS = '10000' } = process.env;
const OFFERS = Number(UDPCP_OFFERS);
const NOTHING = new Uint8Array(0);
const MOST = 10;
const MEBIBYTE = 2 ** 20;

/** The largest that the receiver's process ever was, where the system tells. */
function peak({ pid }: Served): number {
  if (process.platform !== 'linux') return 0;
  const [, kibibytes] = /^VmHWM:\s+(\d+) kB/m.exec(readFileSync(`/proc/${pid}/status`, 'utf8')) ?? [];
  return Number(kibibytes) * 1024;
}

async function withFlood(name: (index: number) => Uint8Array, act: (served: Served) => Promise<void>) {
  const served = await startReceiver(['--max-files', `${MOST}`]);
  try {
    const inPeace = peak(served);
    const flood = sendEntries(
      served.port,
      Array.from({ length: OFFERS }, (_, index) => anyEntry(name(index), NOTHING)),
    );
    const [outcomes] = await Promise.all([flood, act(served)]);
    expect(served.isRunning()).toBe(true);
    expect(peak(served) - inPeace).toBeLessThan(128 * MEBIBYTE);
    return { outcomes, files: readdirSync(served.out), refused: await served.send('another', 'content') };
  } finally {
    await served.stop();
  }
}

test('names that are refused, offered without end: each is answered, and others are served meanwhile', async () => {
  const { outcomes, files, refused } = await withFlood(
    () => utf8('../evil'),
    async (served) => expect(await served.send('honest', 'content')).toMatchObject({ code: 0 }),
  );
  expect(outcomes.every((outcome) => outcome?.code === TRANSFER_CODE.name)).toBe(true);
  expect(files).toEqual(['honest']);
  expect(refused.code).toBe(0);
});

test('empty files without end: as many as are taken, and each of the others is refused', async () => {
  const { outcomes, files, refused } = await withFlood(
    (index) => utf8(`empty ${index}`),
    async () => {},
  );
  expect(outcomes.filter((outcome) => outcome?.status === 'stored')).toHaveLength(MOST);
  expect(outcomes.filter((outcome) => outcome?.code === TRANSFER_CODE.space)).toHaveLength(OFFERS - MOST);
  expect(files).toHaveLength(MOST);
  expect(refused).toMatchObject({ code: 6, stderr: expect.stringMatching(/only 10 files are taken here/) });
});
