import { afterEach, beforeEach, expect, test, vi } from 'vitest';
import { main } from '../../src/cli/main.ts';

const STREAMS = ['stdout', 'stderr'] as const;
const listeners = STREAMS.map((stream) => process[stream].listeners('error'));

/** Nothing of the user who runs the tests. */
beforeEach(() => {
  for (const name of Object.keys(process.env)) if (name.startsWith('UDPCP_')) vi.stubEnv(name, undefined);
});
afterEach(() => {
  vi.restoreAllMocks();
  vi.unstubAllEnvs();
  // Every run listens for lost output.
  for (const [i, stream] of STREAMS.entries()) {
    for (const listener of process[stream].listeners('error')) {
      if (!listeners[i]?.includes(listener)) process[stream].off('error', listener as () => void);
    }
  }
});

/** Runs a command line in this process: its exit code, and what it wrote. */
async function run(words: readonly string[]) {
  const said = { stdout: '', stderr: '' };
  for (const stream of STREAMS) {
    vi.spyOn(process[stream], 'write').mockImplementation((text) => {
      said[stream] += text;
      return true;
    });
  }
  const code = await main(words);
  vi.restoreAllMocks();
  return { code, ...said };
}

// A few of each kind are said to real processes in test/e2e/usage.test.ts.
test.each<readonly [line: string, pattern: RegExp]>([
  ['recv --out x --allow 10.0.0.0/33', /An address or a network, like /],
  ['recv --out x --allow foo', /An address or a network, like /],
  ['recv --out x --max-files 0', /A whole number from 1 to /],
  ['recv --out x --max-sessions 2 --max-sessions 3', /It was given twice\./],
  ['send f :9000', /^target ':9000': the host is missing$/],
  ...['65536', '-1', '1.5', '0x50', '1e3', '80x', '٨٠'].map(
    (port) => [`send f host:${port}`, /: the port is a whole number from 1 to 65535$/] as const,
  ),
  ...['1', '127.1', '0177.0.0.1', 'a..b', 'a'.repeat(254)].map(
    (host) => [`send f ${host}:9000`, /: neither a host name nor an IPv4 address of four numbers$/] as const,
  ),
  ['send f 0.0.0.0:9000', /: not the address of a single host$/],
  ['send f 255.255.255.255:9000', /: not the address of a single host$/],
  ['send f http://host:1', /: only HOST or HOST:PORT, without a user, a scheme or a path$/],
  ['send f host/path:1', /: only HOST or HOST:PORT, without a user, a scheme or a path$/],
  ['send f h --corrupt 101%', /A probability is at most 100%\.$/],
  ['send f h --duplicate nan', /Write it like 5% or 0\.05\.$/],
  ['send f h --reorder -1', /Write it like 5% or 0\.05\.$/],
  ['send f h --truncate 2', /did you mean 2%\?$/],
  ['send f h --delay Infinity', /Write it like 250ms, 2s, 1m or 1h\.$/],
  ['send f h --bandwidth 1e400', /Write it like 20M or 20Mbit/],
  ['send f h --seed 1.5', /A whole number from 0 to 9007199254740991\.$/],
  ['send f h --seed 18446744073709551616', /A whole number from 0 to 9007199254740991\.$/],
  ...['-5', '1e9', '1.5'].map((window) => [`send f h --window ${window}`, /from 1 to 1048576\.$/] as const),
  ['send f h --cc foo', /One of new-reno, cubic, bbr, fixed, reno\.$/],
  ['send f h --idle-timeout 1e12', /Write it like 250ms, 2s, 1m or 1h\.$/],
  ['send f h --retry-for 25h', /A duration is at most 24h\.$/],
  ['send f h --retry-for -1', /Write it like 250ms, 2s, 1m or 1h\.$/],
  ['send f h --retry-for 1m --retry-for 2m', /It was given twice\.$/],
  ['recv --out x --max-size -1M', /Write it like 10M or 10Mi\.$/],
  ['recv --out x --max-size 1e400', /Write it like 10M or 10Mi\.$/],
  ['recv --out x --max-size 10mb', /Write it like 1500, 10k, /],
  ['recv --out x --allow ::/129', /An address or a network, like /],
  ['send', /^name the files first and the receiver last: udpcp send FILE\.\.\. HOST\[:PORT\]$/],
  ['send f', /^name the files first and the receiver last/],
  ['send f localhost:0', /^target 'localhost:0': the port is a whole number from 1 to 65535$/],
  ['send f ::1', /^target '::1': write an IPv6 address in brackets: \[::1\] or \[::1\]:9000$/],
  ['send f [fe80::1]', /^target '\[fe80::1\]': name the interface too, like \[fe80::1%eth0\]$/],
  ['send f user@host', /^target 'user@host': only HOST or HOST:PORT/],
  ['send f 224.0.0.1', /^target '224\.0\.0\.1': not the address of a single host$/],
  ['send package.json LICENSE', /^LICENSE is a file, not a host: name the receiver last/],
  ['send f h --los 5%', /^unknown option '--los' \(Did you mean --loss\?\)$/],
  ['send f h --loss 5% --loss 6%', /It was given twice\.$/],
  ['send f h --arq foo', /One of stop-and-wait, go-back-n, selective-repeat, sw, gbn, sr\.$/],
  ['send f h --arq sw --window 8', /^stop-and-wait has a window of 1: leave out --window/],
  ['send f h --window 0', /A whole number from 1 to 1048576\.$/],
  ['send f h --idle-timeout 10ms', /From 1s to 24h\.$/],
  ['send f h --queue 10k', /^a queue forms only before a bottleneck: give --bandwidth with --queue$/],
  ['send f h --mtu 1200', /A whole number from 1228 to 65535\.$/],
  ['recv --out x --mtu 1.5k', /A whole number of bytes, like 1500\.$/],
  ['send f h --rate 0', /A rate is above 0\.$/],
  ['send f h --rate 20X', /Write it like 20M or 20Mbit \(bits per second\), 2\.5MB \(bytes per second\)\.$/],
  ['send f h --replay missing', /^cannot read missing: no such file or directory$/],
  ['send f h --replay x --seed 1', /^option '--replay <file>' cannot be used with option '--seed <n>'$/],
  ['send f h --record missing/x', /^cannot write missing\/x: no such file or directory$/],
  ['send package.json h --record ./package.json', /^the recording would overwrite \.\/package\.json before it is/],
  ['send f h --plaintext --key-file k', /^option '--plaintext' cannot be used with option '--key-file <file>'$/],
  ['recv --out x --plaintext --identity i', /^option '--plaintext' cannot be used with option '--identity <file>'$/],
  ['send f h --key-file missing', /^key file missing: no such file or directory$/],
  ['send f h --peer-key udpcp1_x', /^a receiver's public key begins with udpcp1id_; this is a shared key$/],
  ['keygen --key-file x --identity y', /cannot be used with option/],
  ['recv --out x extra', /^too many arguments for 'recv'/],
  ['recv --out x --port 65536', /A whole number from 0 to 65535\.$/],
  ['recv --out x --bind localhost', /An IP address, like 192\.0\.2\.7 or ::1\.$/],
  ['recv --out x --bind 224.0.0.1', /No machine has that address\.$/],
  ['recv --out x --seed -1', /A whole number from 0 to 9007199254740991\.$/],
])('wrong usage ends with 2 and one line: udpcp %s', async (line, pattern) => {
  const { code, stdout, stderr } = await run(line.split(' ').filter((word) => word !== ''));
  expect({ code, stdout }).toEqual({ code: 2, stdout: '' });
  expect(stderr).toMatch(/^udpcp: .*\n$/);
  expect(stderr.slice('udpcp: '.length, -1)).toMatch(pattern);
});
