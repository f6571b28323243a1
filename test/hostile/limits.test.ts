import { createSocket } from 'node:dgram';
import { once } from 'node:events';
import { readdirSync } from 'node:fs';
import { afterEach, describe, expect, test } from 'vitest';
import { CLOSE_CODE } from '../../src/wire/close-codes.ts';
import { type Served, startReceiver } from './served.ts';
import { Stranger } from './stranger.ts';

const served: Served[] = [];
afterEach(async () => {
  for (const one of served.splice(0)) await one.stop();
});

async function serve(...args: string[]): Promise<Served> {
  const one = await startReceiver(args);
  served.push(one);
  return one;
}

describe('recv --allow', () => {
  test('drops what comes from elsewhere, and serves the others', async () => {
    const receiver = await serve('--allow', '10.0.0.0/8', '--allow', '127.0.0.1');
    const stranger = await Stranger.meet(receiver.port); // at 127.9.0.x
    stranger.say(stranger.hello(), 100);
    expect((await receiver.send('file', 'x')).code).toBe(0);
    expect(stranger.heard).toBe(0);
    stranger.close();
  });

  test('that leaves nobody out changes nothing', async () => {
    const receiver = await serve('--allow', '0.0.0.0/0', '--allow', '::/0');
    expect((await receiver.send('file', 'x')).code).toBe(0);
  });
});

test('recv --max-files takes so many in all, and says why it takes no more', async () => {
  const receiver = await serve('--max-files', '2');
  expect((await receiver.send('a', 'x')).code).toBe(0);
  expect((await receiver.send('a', 'y')).code).toBe(6); // it exists: this one does not count
  expect((await receiver.send('b', 'x')).code).toBe(0);
  const refused = await receiver.send('c', 'x');
  expect(refused.code).toBe(6);
  expect(refused.stderr).toMatch(/only 2 files are taken here/);
  expect(readdirSync(receiver.out).sort()).toEqual(['a', 'b']);
});

test('recv --max-sessions holds so many, and tells the others that it is busy', async () => {
  const receiver = await serve('--max-sessions', '2');
  const stranger = await Stranger.meet(receiver.port);
  for (let i = 0; i < 2; i++) await stranger.open();
  await expect(stranger.open()).rejects.toThrow('refuse');
  expect(await stranger.look()).toContainEqual(expect.objectContaining({ kind: 'refuse', reason: CLOSE_CODE.busy }));
  stranger.close();
});

describe('nothing that is answered can begin a loop', () => {
  test('a receiver and an echo: at most two packets', async () => {
    const receiver = await serve();
    const echo = createSocket('udp4');
    let echoed = 0;
    echo.on('message', (datagram, from) => {
      echoed++;
      echo.send(datagram, from.port, from.address);
    });
    echo.bind(0, '127.0.0.1');
    await once(echo, 'listening');
    const stranger = await Stranger.meet(receiver.port);
    echo.send(stranger.hello(), receiver.port, '127.0.0.1'); // as if the echo had said it
    await once(echo, 'message');
    expect((await receiver.send('file', 'x')).code).toBe(0); // by then anything that circles would have circled
    await stranger.look();
    expect(echoed).toBe(1);
    echo.close();
    stranger.close();
  });

  test('two receivers: the answer of one to a HELLO in the other’s name is not answered', async () => {
    const [one, other] = [await serve(), await serve()];
    const stranger = await Stranger.meet(other.port);
    const hello = stranger.hello();
    const asOther = createSocket('udp4');
    asOther.bind(0, '127.0.0.1');
    await once(asOther, 'listening');
    asOther.send(hello, one.port, '127.0.0.1');
    const [answer] = (await once(asOther, 'message')) as [Uint8Array];
    stranger.say(answer, 100); // what the other receiver would get
    expect(await stranger.look()).toEqual([]);
    asOther.close();
    stranger.close();
  });
});
