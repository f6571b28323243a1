import { createServer, type Server, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import type { Millis } from '../base/units.ts';
import { UdpcpError } from '../errors.ts';
import { errorName, errorWords } from '../store/failure.ts';
import { type Answer, pathOf, plain, refusalOf } from './request.ts';

const LOOPBACK = '127.0.0.1';
/** Scrapers and browsers of one machine; more are turned away. */
const MAX_CONNECTIONS = 32;
/** For a whole request, and for a connection on which nothing happens. */
const PATIENCE: Millis = 10_000;
const MAX_HEADERS = 8192;

/** Nothing may be loaded, sent or framed but what is served here; nothing is kept. */
const HEADERS = {
  'Content-Security-Policy':
    "default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self'; connect-src 'self'; base-uri 'none'; form-action 'none'; frame-ancestors 'none'",
  'Cross-Origin-Opener-Policy': 'same-origin',
  'Cross-Origin-Resource-Policy': 'same-origin',
  'Referrer-Policy': 'no-referrer',
  'X-Content-Type-Options': 'nosniff',
  'X-Frame-Options': 'DENY',
  'Cache-Control': 'no-store',
};

/** An HTTP server for this machine alone. It keeps no process alive. */
export class HttpServer {
  readonly #server: Server;

  private constructor(server: Server) {
    this.#server = server;
  }

  /** Port 0 takes any free one. Rejects with UdpcpError ERR_BIND. */
  static async listen(port: number, answer: (path: string) => Promise<Answer> | Answer): Promise<HttpServer> {
    const limits = { headersTimeout: PATIENCE, requestTimeout: PATIENCE, keepAliveTimeout: PATIENCE };
    const server = createServer({ ...limits, maxHeaderSize: MAX_HEADERS }, (request, response) => {
      const { method, url, headers } = request;
      const asked = { method, url, host: headers.host };
      const hasBody = headers['content-length'] !== undefined || headers['transfer-encoding'] !== undefined;
      if (hasBody) response.setHeader('Connection', 'close'); // it is not read
      const said = refusalOf(asked) ?? answer(pathOf(asked));
      void Promise.resolve(said)
        .catch(() => plain(500, 'this is a bug'))
        .then((reply) => send(response, reply, method === 'HEAD'));
    });
    server.maxConnections = MAX_CONNECTIONS;
    server.timeout = PATIENCE;
    await new Promise<void>((resolve, reject) => {
      server.once('error', (error) => reject(bindError(error, port)));
      server.listen(port, LOOPBACK, resolve);
    });
    server.unref();
    return new HttpServer(server);
  }

  /** Where a browser finds it. */
  get url(): string {
    const { port } = this.#server.address() as AddressInfo;
    return `http://${LOOPBACK}:${port}/`;
  }

  /** At once: answers that are under way are cut off. */
  close(): Promise<void> {
    return new Promise((resolve) => {
      this.#server.close(() => resolve());
      this.#server.closeAllConnections();
    });
  }
}

function send(response: ServerResponse, { status, type, body }: Answer, isHead: boolean): void {
  const bytes = Buffer.from(body);
  const allow = status === 405 ? { Allow: 'GET, HEAD' } : {};
  response.writeHead(status, { ...HEADERS, ...allow, 'Content-Type': type, 'Content-Length': bytes.length });
  response.end(isHead ? undefined : bytes);
}

function bindError(error: Error, port: number): UdpcpError {
  const words = WORDS[errorName(error) ?? ''] ?? errorWords(error);
  return new UdpcpError('ERR_BIND', `cannot serve metrics on TCP ${LOOPBACK}:${port}: ${words}`, { cause: error });
}

const WORDS: Record<string, string> = {
  EADDRINUSE: 'the port is in use; choose another with --metrics, or 0 for any free one',
  EACCES: 'ports below 1024 need privileges; choose another with --metrics',
};
