import { createRequire } from 'node:module';

// By `require`: `import` reads the source of such packages to learn their names, which takes three times as long as
// everything else about loading them, and every command would wait for it.
const require = createRequire(import.meta.url);

/** libsodium. */
export const sodium = require('sodium-native') as typeof import('sodium-native');

/** The state machine of Noise handshakes. */
export const NoiseState = require('noise-handshake') as typeof import('noise-handshake');
export type NoiseState = InstanceType<typeof NoiseState>;
