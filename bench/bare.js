// The plainest copy over UDP that still ends: what udpcp's speed is measured against.
//   node bench/bare.js recv PORT FILE [sealed]        prints "ready" when it listens
//   node bench/bare.js send FILE PORT SIZE [sealed]   SIZE is a datagram's, in bytes
// A window, a packet number and a cumulative ACK now and then. What is lost is sent again after a timeout, with all
// that followed. No handshake, no checksum, no congestion control, no fsync, no names: 127.0.0.1 only. No encryption and
// no digest either, unless `sealed`: what those cost alone.
import { createSocket } from 'node:dgram';
import { once } from 'node:events';
import { closeSync, openSync, readSync, write } from 'node:fs';

/** A datagram begins with its number, 32 bits; one without content is the end of the file. An ACK is a number alone. */
const HEADER = 4;
/** Bytes in flight: less than the socket's buffer holds, so that nothing is lost. */
const WINDOW = 2 * 1024 * 1024;
/** The receiver says so often how far it is, counted in bytes. */
const ACK_EVERY = WINDOW / 8;
/** Milliseconds without an ACK before everything unacknowledged is sent again. */
const TIMEOUT = 250;
/** Bytes read or written at a time. */
const PAGE = 1024 * 1024;
/** Pages that wait for the disk; beyond them nothing is acknowledged. */
const MAX_PAGES = 8;
const SOCKET_BUFFER = 4 * 1024 * 1024;

/** Leaves datagrams as they are. */
const UNSEALED = { tag: 0, seal: (_datagram, length) => length, open: (datagram) => datagram, digest: () => '' };

function open() {
  return createSocket({ type: 'udp4', recvBufferSize: SOCKET_BUFFER, sendBufferSize: SOCKET_BUFFER });
}

/** Fills a datagram from its header to `until`, and answers how far it came: a file is read in large pieces. */
function createReader(path) {
  const file = openSync(path, 'r');
  const page = Buffer.allocUnsafeSlow(PAGE);
  let at = 0;
  let end = 0;
  return (datagram, until) => {
    let filled = HEADER;
    while (filled < until) {
      if (at === end) {
        at = 0;
        end = readSync(file, page, 0, PAGE, null);
        if (end === 0) break;
      }
      const count = Math.min(until - filled, end - at);
      page.copy(datagram, filled, at, at + count);
      filled += count;
      at += count;
    }
    return filled;
  };
}

async function send(path, port, size, sealing) {
  const socket = open();
  socket.connect(port, '127.0.0.1');
  await once(socket, 'connect');
  const read = createReader(path);
  const slots = Array.from({ length: Math.max(1, Math.floor(WINDOW / size)) }, () => Buffer.allocUnsafeSlow(size));
  const lengths = slots.map(() => size);
  let base = 0; // the oldest that is not acknowledged
  let next = 0;
  let last = Number.POSITIVE_INFINITY; // the number of the end
  let heardAt = performance.now();

  const transmit = (number) => {
    const slot = slots[number % slots.length];
    const length = lengths[number % slots.length];
    socket.send(length === size ? slot : slot.subarray(0, length)); // no callback: a slot is free when acknowledged
  };
  const fill = () => {
    while (next < base + slots.length && next <= last) {
      const slot = slots[next % slots.length];
      slot.writeUInt32BE(next);
      const length = read(slot, size - sealing.tag);
      lengths[next % slots.length] = sealing.seal(slot, length, next);
      if (length === HEADER) last = next;
      transmit(next++);
    }
  };
  socket.on('error', () => {}); // nobody listens yet: the timeout sees to it
  socket.on('message', (ack) => {
    base = Math.max(base, ack.readUInt32BE());
    heardAt = performance.now();
    if (base > last) {
      process.stdout.write(sealing.digest());
      clearInterval(timer);
      socket.close();
    } else {
      fill();
    }
  });
  const timer = setInterval(() => {
    if (performance.now() - heardAt < TIMEOUT) return;
    for (let number = base; number < next; number++) transmit(number);
  }, TIMEOUT);
  fill();
}

function receive(port, path, sealing) {
  const socket = open();
  const file = openSync(path, 'w');
  const free = [];
  let page = Buffer.allocUnsafeSlow(PAGE);
  let at = 0;
  let writing = 0;
  let written = 0;
  let next = 0;
  let acknowledged = 0; // bytes, in the last ACK
  let received = 0;
  let peer;
  let ended = false;

  const acknowledge = () => {
    const ack = Buffer.allocUnsafe(HEADER);
    ack.writeUInt32BE(next);
    socket.send(ack, peer.port, peer.address);
    acknowledged = received;
  };
  const finish = () => {
    acknowledge();
    closeSync(file);
    process.stdout.write(sealing.digest());
    setTimeout(() => socket.close(), TIMEOUT / 2); // the last ACK leaves
  };
  const writeOut = () => {
    const full = page;
    const length = at;
    writing++;
    write(file, full, 0, length, written, (error, count) => {
      if (error !== null || count !== length) throw error ?? new Error('a short write');
      free.push(full);
      writing--;
      if (ended && writing === 0) finish();
      else if (received - acknowledged >= ACK_EVERY) acknowledge();
    });
    written += length;
    page = free.pop() ?? Buffer.allocUnsafeSlow(PAGE);
    at = 0;
  };
  const store = (datagram) => {
    let from = HEADER;
    while (from < datagram.length) {
      const count = datagram.copy(page, at, from);
      from += count;
      at += count;
      if (at === PAGE) writeOut();
    }
    received += datagram.length - HEADER;
  };
  socket.on('message', (bytes, from) => {
    peer = from;
    if (bytes.readUInt32BE() !== next) {
      if (!ended) acknowledge();
      return;
    }
    const datagram = sealing.open(bytes, next++);
    if (datagram.length === HEADER) {
      ended = true;
      if (at > 0) writeOut();
      else if (writing === 0) finish();
      return;
    }
    store(datagram);
    if (received - acknowledged >= ACK_EVERY && writing < MAX_PAGES) acknowledge();
  });
  socket.bind(port, '127.0.0.1', () => process.stdout.write('ready\n'));
}

const [role, ...words] = process.argv.slice(2);
const isSealed = words.at(-1) === 'sealed';
if (isSealed) words.pop();
const sealing = isSealed ? (await import('./sealing.js')).createSealing(HEADER) : UNSEALED;
if (role === 'send' && words.length === 3) await send(words[0], Number(words[1]), Number(words[2]), sealing);
else if (role === 'recv' && words.length === 2) receive(Number(words[0]), words[1], sealing);
else {
  process.stderr.write('usage: bare.js recv PORT FILE [sealed] | send FILE PORT SIZE [sealed]\n');
  process.exitCode = 2;
}
