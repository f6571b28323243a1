// The plainest copy over TCP in Node, to compare with: two streams and a pipeline at each end.
//   node bench/tcp.js recv FILE          prints the port that it listens on
//   node bench/tcp.js send FILE PORT     ends when the other side has written everything
import { once } from 'node:events';
import { createReadStream, createWriteStream } from 'node:fs';
import { connect, createServer } from 'node:net';
import { pipeline } from 'node:stream/promises';

async function receive(path) {
  const server = createServer({ allowHalfOpen: true });
  server.listen(0, '127.0.0.1', () => process.stdout.write(`${server.address().port}\n`));
  const [socket] = await once(server, 'connection');
  server.close();
  // The socket stays open for the answer: its end, once everything is written.
  await pipeline(socket, createWriteStream(path), { end: true });
  socket.end();
}

async function send(path, port) {
  const socket = connect({ port, host: '127.0.0.1', allowHalfOpen: true });
  const answered = once(socket.resume(), 'end');
  await pipeline(createReadStream(path), socket);
  await answered;
}

const [role, file, port] = process.argv.slice(2);
if (role === 'send') await send(file, Number(port));
else await receive(file);
