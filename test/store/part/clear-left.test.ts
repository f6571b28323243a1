import { link, mkdir, readdir, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { describe, expect, test } from 'vitest';
import { thisProcess } from '../../../src/store/part/process-identity.ts';
import { codeName, Entry, text } from '../drive.ts';
import { CHUNK, CONTENT, NAME, OFFER, opened } from '../resuming.ts';

/** What the sender of a file that is there is told. */
async function sendAgain(into: Awaited<ReturnType<typeof opened>>['into']): Promise<string[]> {
  const entry = new Entry(into, OFFER);
  const { verdict } = await entry.verdict();
  const { code, text: words } = await entry.end(CONTENT);
  return [verdict, codeName(code), text(words)];
}

/** As a process leaves it that dies after it published the file and before it cleared up. */
async function leaveDead({ out, at }: Awaited<ReturnType<typeof opened>>): Promise<void> {
  const { start, boot } = await thisProcess();
  await writeFile(join(out, NAME), CONTENT);
  await link(join(out, NAME), at('part'));
  await writeFile(at('journal'), 'anything');
  await mkdir(join(at('lock'), `999999999_${start}_${boot}`), { recursive: true });
}

describe('beside a file that is there already', () => {
  test('what a process left that died after it stored it goes', async () => {
    const place = await opened();
    await leaveDead(place);
    expect(await sendAgain(place.into)).toEqual(['compare', 'ok', 'already there']);
    expect(await readdir(place.out)).toEqual([NAME]);
    await place.into.close();
  });

  test('it stays where nothing is gone on with', async () => {
    const place = await opened({ resume: false });
    await leaveDead(place);
    expect(await sendAgain(place.into)).toEqual(['compare', 'ok', 'already there']);
    expect(await readdir(place.out)).toHaveLength(4);
    await place.into.close();
  });

  test.each(['the same receiver', 'another one'])('what a transfer of %s still writes stays', async (whose) => {
    const { out, into, again } = await opened();
    const other = await again();
    const writer = new Entry(into, OFFER);
    await writer.verdict();
    writer.write(CONTENT.subarray(0, 2 * CHUNK));
    await writer.allTaken();
    await writeFile(join(out, NAME), CONTENT);
    const before = await readdir(out);
    expect(await sendAgain(whose === 'another one' ? other : into)).toEqual(['compare', 'ok', 'already there']);
    expect(await readdir(out)).toEqual(before);
    writer.write(CONTENT.subarray(2 * CHUNK));
    expect(codeName((await writer.end(CONTENT)).code)).toBe('ok');
    expect(await readdir(out)).toEqual([NAME]);
    await into.close();
    await other.close();
  });
});
