import { appendFile, readdir, readFile, truncate, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { describe, expect, test } from 'vitest';
import { openStore } from '../../../src/store/file-store.ts';
import type { Owner } from '../../../src/transfer/ports.ts';
import { codeName, Entry, SOMEBODY, sha256, text } from '../drive.ts';
import { CHUNK, CONTENT, NAME, OFFER, opened, resume } from '../resuming.ts';
import { openInside } from '../temporary.ts';
import { describeTree } from '../tree.ts';
import { watchedFileSystem } from '../watched-file-system.ts';

describe('two transfers of one name', () => {
  const owner = (heard: () => number, replaced: () => void = () => {}): Owner => ({
    get heardAt() {
      return heard();
    },
    ping: () => {},
    replace: replaced,
  });

  test('of which the first is alive: the second has a part of its own', async () => {
    const { out, into } = await opened({ exists: 'rename' });
    let heard = 0;
    const first = new Entry(
      into,
      OFFER,
      owner(() => heard++),
    );
    await first.verdict();
    first.write(CONTENT.subarray(0, 3 * CHUNK));
    await first.allTaken();
    const second = new Entry(into, OFFER);
    expect((await second.verdict()).offset).toBe(0);
    second.write(CONTENT);
    expect(codeName((await second.end(CONTENT)).code)).toBe('ok');
    first.write(CONTENT.subarray(3 * CHUNK));
    expect(codeName((await first.end(CONTENT)).code)).toBe('ok');
    expect((await readdir(out)).sort()).toEqual(['large (1).bin', NAME]);
    for (const name of await readdir(out)) expect((await readFile(join(out, name))).equals(CONTENT)).toBe(true);
    await into.close();
  });

  test('of which the first is silent: it is replaced, and the second goes on with its part', async () => {
    const { out, into } = await opened({ holderSilence: 100 });
    let pinged = 0;
    const replaced: string[] = [];
    const first: Entry = new Entry(into, OFFER, {
      heardAt: 7,
      ping: () => pinged++,
      replace: () => {
        replaced.push('first');
        queueMicrotask(() => first.sink.abort());
      },
    });
    await first.verdict();
    first.write(CONTENT.subarray(0, 3 * CHUNK + 9));
    await first.allTaken();
    expect(await resume(into)).toEqual({ offset: 3 * CHUNK, missing: [], code: 'ok', text: '' });
    expect([pinged, replaced]).toEqual([1, ['first']]);
    expect(await readdir(out)).toEqual([NAME]);
    await into.close();
  });

  test('of which the first publishes meanwhile: the second is asked for the digest alone', async () => {
    const { into } = await opened({ holderSilence: 60_000 });
    const first = new Entry(into, OFFER);
    await first.verdict();
    first.write(CONTENT);
    const second = new Entry(into, OFFER);
    expect(codeName((await first.end(CONTENT)).code)).toBe('ok');
    expect((await second.verdict()).verdict).toBe('compare');
    expect(await second.end(CONTENT)).toMatchObject({ code: 0, size: CONTENT.length });
    await into.close();
  });

  test('of which the waiting one is given up', async () => {
    const { into } = await opened({ holderSilence: 60_000 });
    const first = new Entry(into, OFFER);
    await first.verdict();
    const second = new Entry(into, OFFER);
    second.sink.abort();
    first.write(CONTENT);
    expect(codeName((await first.end(CONTENT)).code)).toBe('ok');
    await into.close();
  });

  test('in two receivers on one directory: the second has a part of its own, nobody waits', async () => {
    const { out, again, into } = await opened({ exists: 'rename' });
    const other = await again();
    const first = new Entry(into, OFFER);
    await first.verdict();
    first.write(CONTENT.subarray(0, 3 * CHUNK));
    await first.allTaken();
    expect(await resume(other)).toMatchObject({ offset: 0, code: 'ok' });
    first.write(CONTENT.subarray(3 * CHUNK));
    expect(codeName((await first.end(CONTENT)).code)).toBe('ok');
    await other.close();
    await into.close();
    expect(await readdir(out)).toHaveLength(2);
  });
});

describe('a file of the same size is there', () => {
  test.each([
    ['the same', CONTENT, 'ok', 'already there'],
    ['another', Buffer.concat([CONTENT.subarray(0, -1), Buffer.from('?')]), 'exists', `${NAME} exists`],
  ])('%s', async (_what, there, code, words) => {
    const { out, into } = await opened();
    await writeFile(join(out, NAME), there);
    const before = await describeTree(out);
    const entry = new Entry(into, OFFER);
    expect(await entry.verdict()).toEqual({ verdict: 'compare', code: 0, offset: 0, text: new Uint8Array(0) });
    const receipt = await entry.end(CONTENT);
    expect([codeName(receipt.code), text(receipt.text)]).toEqual([code, words]);
    if (code === 'ok') expect([receipt.size, receipt.digest]).toEqual([CONTENT.length, sha256(CONTENT)]);
    expect(await describeTree(out)).toEqual(before);
    await into.close();
  });

  test('and changes while it is read: that is not the same', async () => {
    const { out, into } = await opened();
    await into.close();
    const path = join(out, NAME);
    await writeFile(path, CONTENT);
    const changing = await openStore(
      out,
      {},
      watchedFileSystem(async (call) => {
        if (call.name === `read ${NAME}`) await appendFile(path, 'x').then(() => truncate(path, CONTENT.length));
        return call.run(...call.args);
      }).files,
    );
    const entry = new Entry(changing, OFFER, SOMEBODY);
    await entry.verdict();
    expect(codeName((await entry.end(CONTENT)).code)).toBe('exists');
    await changing.close();
  });

  test('and the transfer is given up', async () => {
    const { out, into } = await opened();
    await writeFile(join(out, NAME), CONTENT);
    const entry = new Entry(into, OFFER);
    expect((await entry.verdict()).verdict).toBe('compare');
    await into.close();
    expect(entry.sink.receipt()).toBeUndefined();
    expect((await openInside(out)) ?? []).toEqual([]);
  });
});
