import { once } from 'node:events';
import { request } from 'node:http';
import { connect, createServer } from 'node:net';
import { expect, test } from 'vitest';
import { content, hasArrived, type Receiving, until, useBench } from './processes.ts';

const bench = useBench();

/** The page's address without the slash, as the receiver prints it. */
async function metricsOf(receiver: Receiving): Promise<string> {
  const [, url] = await receiver.says(/live page at (http:\/\/127\.0\.0\.1:\d+)\/$/m);
  return url ?? '';
}

/** A request with any headers; `fetch` sets Host itself. */
function ask(url: string, headers: Record<string, string>, method = 'GET'): Promise<number | undefined> {
  return new Promise((resolve, reject) => {
    const asked = request(url, { method, headers }, (response) => {
      response.resume();
      resolve(response.statusCode);
    });
    asked.on('error', reject).end();
  });
}

test('recv --metrics tells programs and people what goes on', async () => {
  const receiver = await bench.recv(['--metrics', '0']);
  const url = await metricsOf(receiver);
  const target = `127.0.0.1:${receiver.port}`;
  expect(await bench.send([bench.file('<b>done', content(50_000)), target])).toMatchObject({ code: 0 });
  const slow = bench.start(['send', bench.file('<i>slow', content(3_000_000)), target, '--rate', '400k']);
  await until(() => hasArrived(receiver.out));

  const metrics = await fetch(`${url}/metrics`);
  expect(metrics.headers.get('content-type')).toMatch(/^text\/plain; version=0\.0\.4/);
  const text = await metrics.text();
  for (const line of [
    'udpcp_transfers_open 1',
    'udpcp_transfers_total{end="complete"} 1',
    'udpcp_files_total{status="stored"} 1',
    'udpcp_stored_bytes_total 50000',
    'udpcp_handshakes_total{answer="confirmed"} 2',
  ]) {
    expect(text).toContain(`\n${line}\n`);
  }
  const sessions = await (await fetch(`${url}/sessions.json`)).text();
  expect(sessions).not.toContain('<');
  expect(JSON.parse(sessions)).toMatchObject({ schema: 1, open: 1, sessions: [{ file: '<i>slow', bytesTotal: 3e6 }] });
  expect(await (await fetch(`${url}/healthz`)).text()).toBe('ok\n');
  await slow.kill('SIGINT');
});

test('the page loads nothing from elsewhere, and all that it loads is there', async () => {
  const url = await metricsOf(await bench.recv(['--metrics', '0']));
  const page = await fetch(`${url}/`);
  expect(page.headers.get('content-security-policy')).toMatch(
    /^default-src 'none'; script-src 'self'; style-src 'self';/,
  );
  const html = await page.text();
  const loaded = [...html.matchAll(/(?:src|href)="([^"]+)"/g)].map(([, path]) => path ?? '');
  expect(loaded).toEqual(expect.arrayContaining(['/script.js', '/style.css', '/icon.svg']));
  for (const path of loaded) {
    expect(path).toMatch(/^\/[a-z]/);
    expect((await fetch(url + path)).status).toBe(200);
  }
  expect(html).not.toMatch(/<style|style=|<script>|onclick/);
});

test('only this machine under its own name gets answers, and only to GET and HEAD', async () => {
  const url = await metricsOf(await bench.recv(['--metrics', '0']));
  expect(await ask(`${url}/metrics`, { Host: 'rebound.example:9464' })).toBe(403);
  expect(await ask(`${url}/`, { Host: 'localhost:1' })).toBe(200);
  expect(await ask(`${url}/metrics`, {}, 'HEAD')).toBe(200);
  expect(await ask(`${url}/metrics`, {}, 'POST')).toBe(405);
  expect(await ask(`${url}/../../package.json`, {})).toBe(404);
});

test('a hundred idle connections and noise keep nobody from a transfer', async () => {
  const receiver = await bench.recv(['--metrics', '0']);
  const { hostname: host, port } = new URL(await metricsOf(receiver));
  const sockets = Array.from({ length: 100 }, () => connect(Number(port), host).on('error', () => {}));
  for (const [i, socket] of sockets.entries()) if (i % 2 === 0) socket.write(content(5000));
  expect(await bench.send([bench.file('f', 'x'), `127.0.0.1:${receiver.port}`])).toMatchObject({ code: 0 });
  for (const socket of sockets) socket.destroy();
  expect(await receiver.kill('SIGINT')).toMatchObject({ code: 130, signal: null });
});

test('a port that is in use: one line, exit 2, and nothing was made', async () => {
  const server = createServer().listen(0, '127.0.0.1');
  await once(server, 'listening');
  const { port } = server.address() as { port: number };
  const out = bench.directory();
  const receiver = bench.start(['recv', '--out', `${out}/new`, '--port', '0', '--metrics', `${port}`]);
  const { code, stderr } = await receiver.ended;
  server.close();
  expect({ code, stderr }).toEqual({
    code: 2,
    stderr: `udpcp: cannot serve metrics on TCP 127.0.0.1:${port}: the port is in use; choose another with --metrics, or 0 for any free one\n`,
  });
});
