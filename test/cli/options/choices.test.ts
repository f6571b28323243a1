import { InvalidArgumentError } from 'commander';
import { describe, expect, test } from 'vitest';
import { parseArq, parseCongestion } from '../../../src/cli/options/choices.ts';

describe('parseArq()', () => {
  test.each([
    ['stop-and-wait', 'stop-and-wait'],
    ['sw', 'stop-and-wait'],
    ['go-back-n', 'go-back-n'],
    ['gbn', 'go-back-n'],
    ['selective-repeat', 'selective-repeat'],
    ['sr', 'selective-repeat'],
  ])('reads %s as %s', (text, name) => {
    expect(parseArq(text)).toBe(name);
  });

  test.each(['', 'foo', 'SR', 'selective-repeat ', 'constructor', '__proto__'])(
    'refuses "%s" and names the choices',
    (text) => {
      expect(() => parseArq(text)).toThrow(InvalidArgumentError);
      expect(() => parseArq(text)).toThrow('One of stop-and-wait, go-back-n, selective-repeat, sw, gbn, sr.');
    },
  );
});

describe('parseCongestion()', () => {
  test.each([
    ['new-reno', 'new-reno'],
    ['reno', 'new-reno'],
    ['cubic', 'cubic'],
    ['bbr', 'bbr'],
    ['fixed', 'fixed'],
  ])('reads %s as %s', (text, name) => {
    expect(parseCongestion(text)).toBe(name);
  });

  test('refuses a controller that does not exist', () => {
    expect(() => parseCongestion('foo')).toThrow(InvalidArgumentError);
  });
});
