// Puts the compiled command into a few files: modules load slowly one by one, and ECMAScript modules more so.
import { readFile } from 'node:fs/promises';
import { build } from 'rolldown';

const notice = `/*!\nContains commander:\n\n${await readFile('node_modules/commander/LICENSE', 'utf8')}*/`;

await build({
  input: 'dist/cli/main.js',
  platform: 'node',
  external: ['cli-progress', 'picomatch', 'sodium-native', 'noise-handshake', 'prom-client'],
  output: {
    dir: 'dist/bin',
    format: 'cjs',
    entryFileNames: '[name].cjs',
    chunkFileNames: '[name]-[hash].cjs',
    banner: ({ moduleIds }) => (moduleIds.some((id) => id.includes('/node_modules/commander/')) ? notice : ''),
  },
  logLevel: 'warn',
});
