import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { parseTarget } from '../../../src/cli/options/target.ts';
import { UdpcpError } from '../../../src/errors.ts';
import { anyString } from '../../any-string.ts';

describe('parseTarget() accepts', () => {
  test.each([
    ['localhost', 'localhost', 9000],
    ['localhost:1', 'localhost', 1],
    ['example.org:65535', 'example.org', 65_535],
    ['Example.ORG', 'Example.ORG', 9000],
    ['example.org.:80', 'example.org.', 80],
    ['build_host-1:80', 'build_host-1', 80],
    ['3com.example', '3com.example', 9000],
    ['192.0.2.1', '192.0.2.1', 9000],
    ['127.0.0.1:9001', '127.0.0.1', 9001],
    ['[::1]', '::1', 9000],
    ['[::1]:9001', '::1', 9001],
    ['[2001:db8::1]:9001', '2001:db8::1', 9001],
    ['[fe80::1%eth0]:9001', 'fe80::1%eth0', 9001],
    ['[::ffff:192.0.2.1]:1', '::ffff:192.0.2.1', 1],
    ['b\u{fc}cher.example:80', 'xn--bcher-kva.example', 80],
    ['\u{65e5}\u{672c}.example', 'xn--wgv71a.example', 9000],
    [`${'a'.repeat(63)}.example`, `${'a'.repeat(63)}.example`, 9000],
    [`${'a.'.repeat(126)}b`, `${'a.'.repeat(126)}b`, 9000],
  ])('%s', (text, host, port) => {
    expect(parseTarget(text)).toEqual({ host, port });
  });
});

describe('parseTarget() refuses', () => {
  test.each([
    [
      'a bad port',
      ['h:', 'h:0', 'h:65536', 'h:-1', 'h:1.5', 'h:0x50', 'h:1e3', 'h: 80', 'h:80 ', 'h:80x', 'h:+80', 'h:080'],
    ],
    ['digits that are not ours', ['h:٨٠', 'h:８０', '１２７.０.０.１', 'host８']],
    ['a missing host', ['', ':9000', '[]', '[]:9000', ' ', '.', '..']],
    [
      'what only looks like an address',
      [
        '1:9000',
        '127.1:9000',
        '0177.0.0.1:9000',
        '0x7f.1',
        '0x7f000001',
        '1.2.3.4.5',
        '256.1.1.1',
        '1.2.3.4.',
        'a.1',
        'a.0x',
      ],
    ],
    [
      'addresses of no single host',
      [
        '0.0.0.0:9000',
        '0.1.2.3',
        '255.255.255.255:9000',
        '224.0.0.1:9000',
        '239.1.1.1',
        '[::]:9000',
        '[0:0::0]',
        '[ff02::1]:1',
        '[ff02::1%eth0]:1',
        '[::ffff:224.0.0.1]:1',
      ],
    ],
    ['addresses of a link that is not named', ['[fe80::1]', '[fe80::1]:9000', '[FEBF::1]']],
    ['URLs and the like', ['user@host:1', 'http://host:1', 'host/path:1', '//host', 'udp://h']],
    ['IPv6 without brackets', ['::1', '2001:db8::1', '::1:9000', 'fe80::1%eth0', 'a:b:c', '1:2:3']],
    [
      'broken brackets',
      ['[::1', '::1]', '[::1]9000', '[::1]:', '[::1]:0', '[127.0.0.1]:1', '[localhost]:1', '[[::1]]:1', '[::1]x:1'],
    ],
    [
      'names that cannot be',
      [
        'a..b',
        '.a',
        'a b',
        '-a',
        'a-',
        'a.-b.c',
        'a*b',
        'a\\b',
        'a%b',
        `${'a'.repeat(64)}.example`,
        `${'a.'.repeat(126)}bc`,
      ],
    ],
    [
      'invisible and control characters',
      ['ho\u{ad}st', 'ho\u{200b}st', 'h\0', 'h\n', 'h\n:80', 'h:80\n', '\u{202e}host', 'h\u{3002}example'],
    ],
  ])('%s', (_, texts) => {
    const accepted = texts.filter((text) => refusalOf(text) === undefined);
    expect(accepted).toEqual([]);
  });

  test.each([
    ['::1', '[::1]:9000'],
    ['2001:db8::1', '[2001:db8::1]:9000'],
  ])('%s and shows how to write it: %s', (text, hint) => {
    expect(refusalOf(text)?.message).toContain(hint);
  });
});

test('parseTarget() gives a port of 1..65535 and a printable host, or one printable line with ERR_USAGE', () => {
  const texts = fc.oneof(anyString(), fc.string({ unit: fc.constantFrom(...'a1.:[]%-x0@/ é\n\0') }));
  fc.assert(
    fc.property(texts, (text) => {
      const refusal = refusalOf(text);
      if (refusal !== undefined) {
        expect(refusal.code).toBe('ERR_USAGE');
        expect(refusal.message).toMatch(/^target '[^\p{Cc}]*$/u);
        return;
      }
      const { host, port } = parseTarget(text);
      expect(host).toMatch(/^[a-zA-Z0-9_.:%-]+$/);
      expect(port >= 1 && port <= 65_535).toBe(true);
    }),
  );
});

function refusalOf(text: string): UdpcpError | undefined {
  try {
    parseTarget(text);
    return undefined;
  } catch (error) {
    if (error instanceof UdpcpError) return error;
    throw error;
  }
}
