import { createSocket } from 'node:dgram';
import { once } from 'node:events';
import { setImmediate } from 'node:timers/promises';

/** Datagrams between two looks at the clock and at what came back. */
const BURST = 128;

/** Many sockets at many addresses of 127.0.0.0/8, all aimed at one port. */
export class Cannon {
  sent = 0;
  /** Sent ones that may be answered: they have the size of a HELLO. */
  triggers = 0;
  bytesSent = 0;
  replies = 0;
  replyBytes = 0;
  largestReply = 0;
  #sockets;
  #onReply;

  static async aim(port, count, onReply = () => {}) {
    const cannon = new Cannon();
    cannon.#onReply = onReply;
    cannon.#sockets = await Promise.all(Array.from({ length: count }, (_, index) => cannon.#open(index, port)));
    return cannon;
  }

  get size() {
    return this.#sockets.length;
  }

  /** From the socket with this index; a datagram that the system does not take is lost. */
  fire(index, datagram) {
    this.sent += 1;
    this.bytesSent += datagram.length;
    if (datagram.length >= 1200) this.triggers += 1;
    this.#sockets[index % this.#sockets.length].send(datagram);
  }

  /** Fires `count` datagrams of `next(index)`, at most `rate` a second; ends early when `isOver`. */
  async barrage({ count = Number.POSITIVE_INFINITY, rate, next, isOver = () => false }) {
    const startedAt = performance.now();
    for (let fired = 0; fired < count && !isOver(); ) {
      const due = Math.min(count, ((performance.now() - startedAt) * rate) / 1000);
      const burst = Math.min(BURST, due - fired);
      for (let shot = 0; shot < burst; shot += 1) this.fire(fired, next(fired++));
      await setImmediate(); // what came back is read here
    }
    return performance.now() - startedAt;
  }

  close() {
    for (const socket of this.#sockets) socket.close();
  }

  async #open(index, port) {
    const socket = createSocket('udp4');
    socket.on('message', (datagram) => {
      this.replies += 1;
      this.replyBytes += datagram.length;
      this.largestReply = Math.max(this.largestReply, datagram.length);
      this.#onReply(datagram, index);
    });
    socket.on('error', () => {}); // a port that is closed, a datagram too large: lost, as on any network
    socket.bind(0, `127.${1 + (index >> 14)}.${(index >> 7) & 127}.${1 + (index & 127)}`);
    await once(socket, 'listening');
    socket.connect(port, '127.0.0.1');
    await once(socket, 'connect');
    return socket;
  }
}
