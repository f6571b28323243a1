// Puts the compiled command into a few files: modules load slowly one by one, and ECMAScript modules more so.
import { readdir, readFile } from 'node:fs/promises';
import { build } from 'rolldown';

const ADDON = '\0addon';
const FIND_ADDON = `
try {
  module.exports = require('sodium-native/prebuilds/' + process.platform + '-' + process.arch + '/sodium-native.node');
} catch {
  module.exports = require('sodium-native/binding.js'); // finds it elsewhere, or knows why not
}`;

/** libsodium stays where its package is: but where that is most often is looked at first, which saves loading a dozen modules. */
const sodium = {
  name: 'sodium',
  resolveId: (id, importer) => (id === './binding' && importer?.includes('/sodium-native/') ? ADDON : undefined),
  load: (id) => (id === ADDON ? FIND_ADDON : undefined),
  // The bundle is CommonJS, which has a `require` that can be followed.
  transform: (code, id) =>
    id.endsWith('/dist/crypto/native.js') ? code.replace(/^const require = .*$/m, '') : undefined,
};

/** The licences of all packages in a file. */
async function notices({ moduleIds }) {
  const names = moduleIds.flatMap((id) => /.*\/node_modules\/((?:@[^/]+\/)?[^/]+)\//.exec(id)?.[1] ?? []);
  const texts = await Promise.all([...new Set(names)].sort().map(notice));
  return texts.length === 0 ? '' : `/*!\n${texts.join('\n\n')}*/`;
}

async function notice(name) {
  const directory = `node_modules/${name}`;
  const file = (await readdir(directory)).find((one) => /^licen[cs]e(\.md)?$/i.test(one));
  return `Contains ${name}:\n\n${await readFile(`${directory}/${file}`, 'utf8')}`;
}

await build({
  input: 'dist/cli/main.js',
  platform: 'node',
  external: ['cli-progress', 'picomatch', 'prom-client', /^sodium-native\//],
  plugins: [sodium],
  output: {
    dir: 'dist/bin',
    format: 'cjs',
    entryFileNames: '[name].cjs',
    chunkFileNames: '[name]-[hash].cjs',
    banner: notices,
  },
  logLevel: 'warn',
});
