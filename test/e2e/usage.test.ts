import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterAll, describe, expect, test } from 'vitest';
import { ROOT, useBench } from './processes.ts';

const bench = useBench(afterAll);

const { version } = JSON.parse(readFileSync(join(ROOT, 'package.json'), 'utf8'));

describe('help and version go to stdout, with 0', () => {
  test.concurrent.each([
    [['--version'], /^\d+\.\d+\.\d+\n$/],
    [['--help'], /^Usage: udpcp .*Commands:\n {2}send \[options\] <file\.\.\.> <host.*Exit codes:\n {2}0 .*130 /s],
    [['send', '--help'], /^Usage: udpcp send \[options\] <file\.\.\.> <host\[:port\]>\n.*--loss <p>/s],
    [['recv', '-h'], /^Usage: udpcp recv\|receive \[options\] --out <dir>\n.*--out <dir>.*--skip-existing/s],
    [['keygen', '--help'], /^Usage: udpcp keygen \[options\]\n.*--key-file <file>.*--identity <file>/s],
    [['help', 'send'], /^Usage: udpcp send /],
  ])('udpcp %j', async (args, pattern) => {
    const { code, stdout, stderr } = await bench.start(args).ended;
    expect({ code, stderr }).toEqual({ code: 0, stderr: '' });
    expect(stdout).toMatch(pattern);
    expect(stdout).not.toContain('\x1b');
  });

  test('the version is that of the package', async () => {
    expect(await bench.start(['-V']).ended).toMatchObject({ stdout: `${version}\n` });
  });
});

test('udpcp alone prints its help on stderr and ends with 2', async () => {
  const { code, stdout, stderr } = await bench.start([]).ended;
  expect({ code, stdout }).toEqual({ code: 2, stdout: '' });
  expect(stderr).toMatch(/^Usage: udpcp /);
});

// The other mistakes are in test/cli/usage.test.ts: there one process makes them all.
describe('wrong usage ends with 2 and one line', () => {
  test.concurrent.each<readonly [line: string, pattern: RegExp]>([
    ['sned f localhost', /^unknown command 'sned' \(Did you mean send\?\)$/],
    ['--nope', /^unknown option '--nope'$/],
    ['send f host:', /^target 'host:': the port is a whole number from 1 to 65535$/],
    ['send f h --loss 5', /A probability without % is at most 1: did you mean 5%\?$/],
    ['send f h --replay package.json', /^package\.json is not a recording: line 1: /],
    ['recv', /^required option '--out <dir>' not specified$/],
    ['recv --out x --overwrite --rename', /cannot be used with option/],
  ])('udpcp %s', async (line, pattern) => {
    const { code, stdout, stderr } = await bench.start(line.split(' ').filter((word) => word !== '')).ended;
    expect({ code, stdout }).toEqual({ code: 2, stdout: '' });
    expect(stderr).toMatch(/^udpcp: .*\n$/);
    expect(stderr.slice('udpcp: '.length, -1)).toMatch(pattern);
  });
});

test.concurrent('the name of a file cannot be empty', async () => {
  expect(await bench.send(['', 'localhost'])).toMatchObject({
    code: 2,
    stdout: '',
    stderr: 'udpcp: the name of a file to send is empty\n',
  });
});
