import { createSocket } from 'node:dgram';
import { once } from 'node:events';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { receiveFiles, sendFile } from '../dist/index.js';
import { TRAFFIC_FILE } from './traffic.js';

const NAMES = ['empty', 'small', 'über \u{1f600}.txt'];

async function open() {
  const socket = createSocket('udp4');
  socket.bind(0, '127.0.0.1');
  await once(socket, 'listening');
  return socket;
}

/** Sends three small files through a proxy and writes down every datagram: `>` to the receiver, `<` to the sender. */
async function run() {
  const directory = mkdtempSync(join(tmpdir(), 'udpcp-fuzz-'));
  const lines = [];
  const [front, back] = [await open(), await open()];
  const receiver = await receiveFiles({
    security: { plaintext: true },
    out: join(directory, 'out'),
    address: '127.0.0.1',
    port: 0,
  });
  let sender;
  front.on('message', (bytes, from) => {
    sender = from.port;
    lines.push(`> ${bytes.toString('base64')}`);
    back.send(bytes, receiver.address.port, '127.0.0.1');
  });
  back.on('message', (bytes) => {
    lines.push(`< ${bytes.toString('base64')}`);
    front.send(bytes, sender, '127.0.0.1');
  });
  const paths = NAMES.map((name, index) => {
    const path = join(directory, name);
    writeFileSync(path, Buffer.alloc(1000 * index, 'content '));
    return path;
  });
  // Small datagrams: probes for larger ones would be most of the recording.
  for (const path of paths)
    await sendFile([path], { host: '127.0.0.1', port: front.address().port, mtu: 1228, security: { plaintext: true } });
  await receiver.close();
  for (const socket of [front, back]) socket.close();
  rmSync(directory, { recursive: true });
  writeFileSync(TRAFFIC_FILE, `${lines.join('\n')}\n`);
  return { ok: true, faults: [], count: lines.length };
}

const report = ({ count }) => `${count} datagrams are in fixtures/corpus/traffic.txt`;

/** Writes the recorded traffic anew. */
export const record = { summary: 'record real traffic anew, for the others to change', run, report };
