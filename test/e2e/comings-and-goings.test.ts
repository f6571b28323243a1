import { readdirSync, readFileSync } from 'node:fs';
import { expect, test } from 'vitest';
import { createSha256 } from '../../src/crypto/digest.ts';
import { NoiseInitiator } from '../../src/crypto/noise-initiator.ts';
import { SystemRandom } from '../../src/crypto/random.ts';
import { clock, Driver } from '../../src/net/driver.ts';
import { UdpSocket } from '../../src/net/udp-socket.ts';
import { sessionConfig } from '../../src/session/config.ts';
import { memoryEntry } from '../../src/transfer/memory-source.ts';
import { Sender } from '../../src/transfer/sender.ts';
import { until, useBench } from './processes.ts';

const bench = useBench();

/** Sessions in all; 100000 take some minutes. */
const { UDPCP_SESSIONS = '3000' } = process.env;
const SESSIONS = Number(UDPCP_SESSIONS);
/** After which a receiver has all that it needs, however many come then. */
const WARM_UP = 1000;
const AT_ONCE = 32;
const MEBIBYTE = 2 ** 20;
/** Memory comes back within a tenth, apart from what a collector leaves lying for a while. */
const SLACK = 16 * MEBIBYTE;
/** Every so many callers are suddenly gone: their sessions last until they fall silent. */
const GONE = 40;

const CONFIG = sessionConfig({ idleTimeout: 3000, connectTimeout: 60_000 });
const ENTRY = memoryEntry('file', Buffer.alloc(2000, 'the same again '), createSha256);

/** How a caller means to leave: with its file stored, in the middle of it, or without a word. */
type Leaving = 'complete' | 'cancelled' | 'gone';

/** One caller from its first HELLO until it has left; answers how that was. */
async function call(port: number, host: string, leaving: Leaving): Promise<string> {
  const socket = await UdpSocket.bind(host, 0);
  let driver: Driver | undefined;
  const peer = `127.0.0.1:${port}`;
  const agreement = new NoiseInitiator({});
  const sender = new Sender(clock(), [ENTRY], CONFIG, new SystemRandom(), peer, agreement, () => driver?.wake());
  const left = await new Promise<string>((resolve, reject) => {
    const onTurn = (now: number): void => {
      const { session, end } = sender;
      if (leaving === 'gone' && session !== undefined) resolve('gone');
      if (leaving === 'cancelled' && session !== undefined && end === undefined) {
        sender.cancel(now, 'not today');
        driver?.wake(); // the goodbye is to be said
      }
      if (end !== undefined && sender.isDone) resolve(end.kind);
    };
    driver = new Driver(socket, sender, { onTurn, onDefect: reject });
  });
  await driver?.stop();
  return left;
}

test.runIf(process.platform === 'linux')(
  `after ${SESSIONS} sessions, however they ended, a receiver holds what it held before`,
  { timeout: 3_600_000 },
  async () => {
    const receiver = await bench.recv();
    const { pid } = receiver.child;
    const descriptors = (): number => readdirSync(`/proc/${pid}/fd`).length;
    const memory = (): number => {
      const [, kibibytes] = /^VmRSS:\s+(\d+) kB/m.exec(readFileSync(`/proc/${pid}/status`, 'utf8')) ?? [];
      return Number(kibibytes) * 1024;
    };
    const counts = new Map<string, number>();
    let calls = 0;
    /** So many sessions, from many addresses: one host alone may not begin so many. */
    const come = async (count: number): Promise<void> => {
      const end = calls + count;
      const callers = Array.from({ length: AT_ONCE }, async () => {
        while (calls < end) {
          const index = calls++;
          const leaving = index % GONE === 0 ? 'gone' : index % 2 === 0 ? 'complete' : 'cancelled';
          const host = `127.7.${(index >> 7) & 7}.${1 + (index & 127)}`;
          const left = await call(receiver.port, host, leaving);
          counts.set(left, (counts.get(left) ?? 0) + 1);
        }
      });
      await Promise.all(callers);
    };
    const before = descriptors();
    await come(WARM_UP);
    await until(() => descriptors() === before);
    const warm = memory();
    await come(SESSIONS - WARM_UP);
    await until(() => descriptors() === before);
    await until(() => memory() < 1.1 * warm + SLACK);
    expect(receiver.child.exitCode).toBe(null);
    expect(readdirSync(receiver.out)).toEqual(['file']);
    for (const left of ['complete', 'cancelled', 'gone']) {
      expect(counts.get(left), left).toBeGreaterThanOrEqual(SESSIONS / (2 * GONE));
    }
  },
);
