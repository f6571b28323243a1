import { createRequire } from 'node:module';
import { UdpcpError } from '../errors.ts';

// By `require`: `import` reads the source of such packages to learn their names, which takes three times as long as
// everything else about loading them, and every command would wait for it.
const require = createRequire(import.meta.url);

/** libsodium. Throws UdpcpError ERR_USAGE where this Node may not or cannot load it. */
export const sodium = loadSodium();

/** The state machine of Noise handshakes. */
export const NoiseState = require('noise-handshake') as typeof import('noise-handshake');
export type NoiseState = InstanceType<typeof NoiseState>;

function loadSodium(): typeof import('sodium-native') {
  try {
    return require('sodium-native');
  } catch (error) {
    const words = error instanceof Error && 'code' in error ? reasonOf(error.code, error.cause) : undefined;
    if (words === undefined) throw error;
    throw new UdpcpError('ERR_USAGE', `cannot load the native library sodium-native: ${words}`, { cause: error });
  }
}

/** Undefined: that is none of the reasons that somebody can do something about. */
function reasonOf(code: unknown, cause: unknown): string | undefined {
  if (code === 'ADDON_NOT_FOUND') return `it has none for ${process.platform}-${process.arch}`;
  if (code !== 'CANNOT_LOAD' || !(cause instanceof Error)) return undefined;
  if ('code' in cause && cause.code === 'ERR_DLOPEN_DISABLED')
    return "Node's permission model forbids it; add --allow-addons";
  return cause.message;
}
