import { readFileSync } from 'node:fs';
import { expect, test } from 'vitest';
import { createRecvCommand } from '../../src/cli/recv-command.ts';

const fileOf = (name: string): string => readFileSync(new URL(`../../deploy/${name}`, import.meta.url), 'utf8');

/** What `udpcp recv` would be told by these words. */
function optionsOf(words: readonly string[]): unknown {
  const command = createRecvCommand(() => {})
    .exitOverride()
    .configureOutput({ writeErr: () => {} });
  let told: unknown;
  command.action((options) => {
    told = options;
  });
  command.parse([...words], { from: 'user' });
  return told;
}

test('the words of the systemd unit are words that udpcp knows', () => {
  const [, line = ''] = /^ExecStart=(.*)$/m.exec(fileOf('udpcp-recv.service')) ?? [];
  const [env, udpcp, recv, ...words] = line.split(' ');
  expect([env, udpcp, recv]).toEqual(['/usr/bin/env', 'udpcp', 'recv']);
  expect(optionsOf(words)).toMatchObject({ out: '%S/udpcp/inbox', port: 9000, keyFile: '%d/key', metrics: 9464 });
});

test('the words of the container are words that udpcp knows, and it looks for the metrics where they are', () => {
  const file = fileOf('Containerfile');
  const [, command = '[]'] = /^CMD (\[.*\])$/m.exec(file) ?? [];
  const [recv, ...words] = JSON.parse(command) as string[];
  expect(recv).toBe('recv');
  expect(optionsOf(words)).toMatchObject({ out: '/inbox', port: 9000, metrics: 9464 });
  expect(file).toContain('http://127.0.0.1:9464/healthz');
  expect(file).toContain('EXPOSE 9000/udp');
});

test('a wrong word would be noticed', () => {
  expect(() => optionsOf(['--out', 'x', '--metric', '1'])).toThrow('unknown option');
});

test('the socket buffers that the system may give are at least those that udpcp asks for', () => {
  const [, asked = ''] =
    /SOCKET_BUFFER: Bytes = (\d+) \* 1024 \* 1024/.exec(
      readFileSync(new URL('../../src/net/udp-socket.ts', import.meta.url), 'utf8'),
    ) ?? [];
  const [, most = ''] = /^net\.core\.rmem_max = (\d+)$/m.exec(fileOf('60-udpcp.conf')) ?? [];
  expect(Number(asked)).toBeGreaterThan(0);
  expect(Number(most)).toBeGreaterThanOrEqual(Number(asked) * 1024 * 1024);
});
