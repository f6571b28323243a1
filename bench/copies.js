import { createSocket } from 'node:dgram';
import { once } from 'node:events';
import { basename, dirname } from 'node:path';
import { fileURLToPath } from 'node:url';
import { start, startNode } from './processes.js';

const script = (path) => fileURLToPath(new URL(path, import.meta.url));
const UDPCP = script('../bin/udpcp.js');
const TCP = script('tcp.js');
const BARE = script('bare.js');

/**
 * What one copy cost.
 * @typedef {object} Cost
 * @property {number} wall milliseconds from the sender's start to its exit, when the receiver has written everything
 * @property {{ cpu: number, peak?: number }} sender milliseconds and bytes, the start of the process included
 * @property {{ cpu: number, peak: number } | undefined} receiver
 * @property {string} said what the sender said
 */

/** Copies by two processes: the receiver greets when it listens, and the sender exits when all is written there. */
async function copyBetween(receiverWords, senderWords) {
  const receiver = startNode(receiverWords);
  const sender = startNode(senderWords(await receiver.greeting));
  const [sent, received] = await Promise.all([sender.ended, receiver.ended]);
  return { wall: sent.wall, sender: sent.usage, receiver: received.usage, said: sent.stdout };
}

/** Copies with udpcp; the target has the source's name. `options` go to both sides. */
export function copyByUdpcp(source, target, options = []) {
  if (basename(source) !== basename(target)) throw new Error('udpcp keeps the name');
  const listen = ['recv', '--out', dirname(target), '--once', '--bind', '127.0.0.1', '--port', '0', '--jsonl'];
  return copyBetween([UDPCP, ...listen, ...options], (greeting) => {
    const { port } = JSON.parse(greeting);
    return [UDPCP, 'send', source, `127.0.0.1:${port}`, '--json', ...options];
  });
}

/** Copies with two Node streams over TCP. */
export function copyByTcp(source, target) {
  return copyBetween([TCP, 'recv', target], (port) => [TCP, 'send', source, port]);
}

/** Copies with the plainest loop over UDP, in datagrams of so many bytes; `options` go to both sides. */
export async function copyByBare(source, target, datagram, options = []) {
  const port = await findFreePort();
  const send = [BARE, 'send', source, port, String(datagram), ...options];
  return copyBetween([BARE, 'recv', port, target, ...options], () => send);
}

/** Copies with cp; its CPU time is what the shell says of its child. */
export async function copyByCp(source, target) {
  const { wall, stdout } = await start('/bin/sh', ['-c', 'cp "$1" "$2" && times', 'sh', source, target]).ended;
  const [user, system] = stdout.trim().split('\n').at(-1).split(' ').map(readMinutes);
  return { wall, sender: { cpu: user + system }, receiver: undefined, said: '' };
}

/** `0m1.250s` in milliseconds. */
function readMinutes(text) {
  const [, minutes, rest] = /^(\d+)m([\d.]+)s$/.exec(text);
  return (Number(minutes) * 60 + Number(rest)) * 1000;
}

async function findFreePort() {
  const socket = createSocket('udp4');
  socket.bind(0, '127.0.0.1');
  await once(socket, 'listening');
  const { port } = socket.address();
  socket.close();
  await once(socket, 'close');
  return String(port);
}
