import { describe, expect, test } from 'vitest';
import { UdpcpError } from '../../src/errors.ts';
import { failureOf, fileWords } from '../../src/send/send-failure.ts';
import type { SentFile } from '../../src/send/send-result.ts';
import { TRANSFER_CODE } from '../../src/transfer/codes.ts';
import { encodeText } from '../../src/transfer/text.ts';
import { CLOSE_CODE } from '../../src/wire/close-codes.ts';

const CALLED = {
  host: 'host.example',
  port: 9000,
  connectTimeout: 10_000,
  idleTimeout: 30_000,
  protection: 'noise',
} as const;

const file = (change: Partial<SentFile> = {}): SentFile => ({
  path: 'dir/a.txt',
  kind: 'file',
  name: 'a.txt',
  status: 'stored',
  code: 0,
  text: '',
  size: 1,
  sha256: '00',
  resumedBytes: 0,
  alreadyThere: false,
  ...change,
});
const refused = file({ status: 'refused', code: TRANSFER_CODE.exists, text: 'a.txt exists' });

describe('failureOf() a sending that ended early', () => {
  test.each([
    [{ kind: 'cancelled' }, 'ERR_CANCELLED', 'interrupted; send again to go on with what the receiver has'],
    [
      { kind: 'silence' },
      'ERR_IDLE_TIMEOUT',
      /^lost the receiver: nothing was heard from host\.example:9000 for 30 s;/,
    ],
    [
      { kind: 'restart' },
      'ERR_PEER_CLOSED',
      'lost the receiver: the one that answers at host.example:9000 now knows nothing of this transfer; send again to go on with what it has',
    ],
    [
      { kind: 'no-progress' },
      'ERR_NO_PROGRESS',
      /^the receiver at host\.example:9000 answers and takes nothing any more/,
    ],
    [{ kind: 'violation', text: 'a\nb' }, 'ERR_PROTOCOL', 'the receiver broke the protocol: a\\u{a}b'],
    [
      { kind: 'closed-by-peer', code: CLOSE_CODE.cancelled, reason: encodeText('stopped\x1b[2J') },
      'ERR_PEER_CLOSED',
      'the receiver ended the transfer: stopped\\u{1b}[2J',
    ],
    [
      { kind: 'closed-by-peer', code: CLOSE_CODE.busy, reason: new Uint8Array(0) },
      'ERR_PEER_CLOSED',
      'the receiver ended the transfer: busy',
    ],
    [
      { kind: 'closed-by-peer', code: CLOSE_CODE.replaced, reason: encodeText('whatever') },
      'ERR_PEER_CLOSED',
      /^another sender took over: .* a newer `udpcp send` of the same file went on where it had stopped$/,
    ],
    [
      { kind: 'closed-by-peer', code: CLOSE_CODE.store, reason: encodeText('nobody reads it') },
      'ERR_REMOTE_STORE',
      'the receiver ended the transfer: nobody reads it',
    ],
    [
      { kind: 'closed-by-peer', code: 999, reason: new Uint8Array(0) },
      'ERR_PEER_CLOSED',
      'the receiver ended the transfer: code 999',
    ],
    [
      { kind: 'closed-by-peer', code: CLOSE_CODE.protocol, reason: new Uint8Array(0) },
      'ERR_PROTOCOL',
      'the receiver ended the transfer: protocol',
    ],
    [
      { kind: 'closed-by-peer', code: CLOSE_CODE.transfer, reason: encodeText('offer out of order') },
      'ERR_PROTOCOL',
      'the receiver ended the transfer: offer out of order',
    ],
  ] as const)('%j is %s', (end, code, message) => {
    const failure = failureOf({ ...end, outcomes: [] }, [file({ status: 'unknown' })], CALLED);
    expect(failure).toMatchObject({ code });
    expect(failure?.message).toMatch(message);
  });

  test("a peer's reason is cut before it fills the screen", () => {
    const end = { kind: 'closed-by-peer', code: 3, reason: encodeText('x'.repeat(255)), outcomes: [] } as const;
    expect(failureOf(end, [], CALLED)?.message.length).toBeLessThan(300);
  });
});

describe('failureOf() a sending for which no session came about', () => {
  test.each([
    [{ kind: 'connect-timeout' }, 'ERR_CONNECT_TIMEOUT', /UDP in 10 s: .*firewall let UDP port 9000 through\?$/],
    [{ kind: 'unreachable' }, 'ERR_UNREACHABLE', /^nobody listens at host\.example:9000 over UDP: start `udpcp recv`/],
    [{ kind: 'version', versions: [2, 3] }, 'ERR_REFUSED', /speaks other versions of the protocol \(2, 3\)/],
    [
      { kind: 'refused', code: CLOSE_CODE.busy },
      'ERR_REFUSED',
      /it serves as many senders as it can; try again later$/,
    ],
    [{ kind: 'refused', code: CLOSE_CODE.shuttingDown }, 'ERR_REFUSED', /it is shutting down$/],
    [
      { kind: 'refused', code: CLOSE_CODE.protectionRequired },
      'ERR_REFUSED',
      /: the receiver speaks plaintext only; .* --plaintext$/,
    ],
    [{ kind: 'refused', code: CLOSE_CODE.arqUnsupported }, 'ERR_REFUSED', /choose another with --arq$/],
    [{ kind: 'refused', code: 999 }, 'ERR_REFUSED', /refused the session: code 999$/],
  ] as const)('%j is %s', (failure, code, message) => {
    const error = failureOf({ kind: 'no-session', failure, outcomes: [] }, [], CALLED);
    expect(error).toMatchObject({ code });
    expect(error?.message).toMatch(message);
  });

  test.each([
    ['plain', CLOSE_CODE.protectionRequired, 'ERR_REFUSED', /: the receiver encrypts; leave out --plaintext$/],
    ['noise-psk', CLOSE_CODE.protectionRequired, 'ERR_REFUSED', /: the receiver has no key; .* the same --key-file$/],
    ['plain', CLOSE_CODE.key, 'ERR_AUTHENTICATION', /: the receiver wants a key: .* --key-file$/],
    ['noise', CLOSE_CODE.key, 'ERR_AUTHENTICATION', /: the receiver wants a key: .* --key-file$/],
    ['noise-psk', CLOSE_CODE.key, 'ERR_AUTHENTICATION', /: the key is not the receiver's/],
  ] as const)('%s, refused with code %d, is %s', (protection, refusal, code, message) => {
    const end = { kind: 'no-session', failure: { kind: 'refused', code: refusal }, outcomes: [] } as const;
    const error = failureOf(end, [], { ...CALLED, protection });
    expect(error).toMatchObject({ code });
    expect(error?.message).toMatch(message);
  });

  test('a receiver that is not trusted is what whoever does not trust it says', () => {
    const failure = { kind: 'untrusted', identity: Uint8Array.of(1) } as const;
    const trust = (identity: Uint8Array | undefined) => new UdpcpError('ERR_AUTHENTICATION', `shows ${identity}`);
    const error = failureOf({ kind: 'no-session', failure, outcomes: [] }, [], { ...CALLED, trust });
    expect(error).toMatchObject({ code: 'ERR_AUTHENTICATION', message: 'shows 1' });
  });

  test('an IPv6 address is named in brackets', () => {
    const end = { kind: 'no-session', failure: { kind: 'unreachable' }, outcomes: [] } as const;
    expect(failureOf(end, [], { ...CALLED, host: '2001:db8::7' })?.message).toContain('[2001:db8::7]:9000');
  });
});

describe('failureOf() a sending that ran to its end', () => {
  const complete = { kind: 'complete', outcomes: [] } as const;
  const skipped = file({ status: 'skipped', code: TRANSFER_CODE.exists, text: 'a.txt exists' });

  test.each([[[file()]], [[skipped]], [[file(), skipped]], [[]]])(
    'no failure when every file is stored or skipped',
    (files) => {
      expect(failureOf(complete, files, CALLED)).toBeUndefined();
    },
  );

  test.each([
    ['one refused', [refused], 'ERR_REMOTE_STORE', 'dir/a.txt: the receiver refused it: a.txt exists'],
    ['some refused', [file(), refused, skipped], 'ERR_PARTIAL', '1 of 3 files were not stored'],
    ['all refused', [refused, refused], 'ERR_REMOTE_STORE', 'none of the 2 files was stored'],
  ])('%s', (_, files, code, message) => {
    expect(failureOf(complete, files, CALLED)).toMatchObject({ code, message });
  });

  test.each([
    [TRANSFER_CODE.digest, 'ERR_INTEGRITY'],
    [TRANSFER_CODE.sourceChanged, 'ERR_LOCAL_FILE'],
    [TRANSFER_CODE.sourceUnreadable, 'ERR_LOCAL_FILE'],
    [TRANSFER_CODE.space, 'ERR_REMOTE_STORE'],
    [TRANSFER_CODE.name, 'ERR_REMOTE_STORE'],
    [999, 'ERR_REMOTE_STORE'],
  ])('transfer code %d is %s', (code, expected) => {
    expect(failureOf(complete, [file({ status: 'failed', code, text: 'why' })], CALLED)).toMatchObject({
      code: expected,
    });
  });
});

test.each([
  [refused, 'dir/a.txt: the receiver refused it: a.txt exists'],
  [file({ status: 'failed', text: 'disk full' }), 'dir/a.txt: it was not stored: disk full'],
  [file({ path: 'a\nb', status: 'failed', text: 'why' }), 'a\\u{a}b: it was not stored: why'],
])('fileWords() is one line about one file', (sent, line) => {
  expect(fileWords(sent)).toBe(line);
});
