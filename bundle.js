// Puts the compiled command into a few files: a hundred small modules take 40 ms to load.
import { build } from 'rolldown';

await build({
  input: 'dist/cli/main.js',
  platform: 'node',
  external: ['commander', 'cli-progress', 'picomatch', 'sodium-native', 'noise-handshake', 'prom-client'],
  output: { dir: 'dist/bin', format: 'esm' },
  logLevel: 'warn',
});
