import { execFileSync } from 'node:child_process';
import { expect, test } from 'vitest';
import { ROOT } from './processes.ts';

test('the library sends, receives and simulates for a program that imports it by its name', () => {
  const program = `
    import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
    import { tmpdir } from 'node:os';
    import { join } from 'node:path';
    import { receiveFiles, sendFile, SendError, simulate } from 'udpcp';
    const directory = mkdtempSync(join(tmpdir(), 'udpcp-e2e-'));
    const path = join(directory, 'f');
    writeFileSync(path, 'content');
    const events = [];
    const onEvent = ({ kind }) => events.push(kind);
    const receiver = await receiveFiles({ out: join(directory, 'out'), address: '127.0.0.1', port: 0, onEvent });
    const to = { host: '127.0.0.1', port: receiver.address.port };
    const { files } = await sendFile(path, to);
    writeFileSync(path, 'another');
    const refused = await sendFile([path], to).catch((error) => error);
    await receiver.close();
    const simulated = simulate({ content: 100_000, seed: 1, forward: { loss: 0.1 } });
    console.log(JSON.stringify({
      status: files[0].status,
      stored: readFileSync(join(directory, 'out', 'f'), 'utf8'),
      refused: [refused instanceof SendError, refused.code, refused.result.files[0].text],
      events,
      simulated: [simulated.isComplete, simulated.forward.lost.loss > 0],
    }));
    rmSync(directory, { recursive: true });
  `;
  const stdout = execFileSync(process.execPath, ['--input-type=module', '-e', program], {
    cwd: ROOT,
    encoding: 'utf8',
  });
  expect(JSON.parse(stdout)).toEqual({
    status: 'stored',
    stored: 'content',
    refused: [true, 'ERR_REMOTE_STORE', 'f exists'],
    events: ['started', 'file', 'ended', 'started', 'file', 'ended'],
    simulated: [true, true],
  });
});
