import { spawnSync } from 'node:child_process';
import { readFileSync } from 'node:fs';
import { expect, test } from 'vitest';
import { EXIT } from '../../src/cli/exit-codes.ts';
import { manPage } from '../../src/cli/man-page.ts';
import { createProgram } from '../../src/cli/program.ts';

const read = (name: string): string => readFileSync(new URL(`../../man/${name}`, import.meta.url), 'utf8');

test('man/udpcp.1 is up to date: `npm run man` writes it anew', () => {
  expect(read('udpcp.1')).toBe(manPage(read('udpcp.1.in')));
});

const hasGroff = spawnSync('groff', ['--version']).status === 0;

test.skipIf(!hasGroff)('groff renders it without a warning, with every command, option, variable and exit code', () => {
  const options = { encoding: 'utf8', input: read('udpcp.1') } as const;
  const { stdout, stderr } = spawnSync('groff', ['-man', '-Tascii', '-ww', '-P-c', '-P-b', '-P-u'], options);
  expect(stderr).toBe('');
  for (const command of createProgram(() => {}).commands) {
    expect(stdout).toContain(`udpcp ${command.name()} `);
    const flags = command.options.filter(({ hidden }) => !hidden).map(({ flags }) => flags);
    for (const flag of flags) expect(stdout).toContain(flag);
  }
  for (const code of Object.values(EXIT)) expect(stdout).toMatch(new RegExp(`^ +${code} `, 'm'));
  for (const name of ['UDPCP_KEY', 'UDPCP_IDLE_TIMEOUT', 'UDPCP_LOSS_OUT']) expect(stdout).toContain(name);
  expect(stdout).not.toMatch(/@[A-Z]+@/);
});
