import { randomBytes } from 'node:crypto';
import { callFirst } from '../../src/call/address-race.ts';
import { createSha256 } from '../../src/crypto/digest.ts';
import { NoiseInitiator } from '../../src/crypto/noise-initiator.ts';
import { parseSharedKey } from '../../src/crypto/shared-key.ts';
import { createChannels } from '../../src/net/live-channels.ts';
import { senderOf } from '../../src/send/send-persistently.ts';
import { sessionConfig } from '../../src/session/config.ts';
import { plainInitiator } from '../../src/session/plain-agreement.ts';
import { memoryEntry } from '../../src/transfer/memory-source.ts';
import type { EntryOutcome } from '../../src/transfer/outcome.ts';
import type { OutgoingEntry } from '../../src/transfer/ports.ts';

/** Something to send under any name at all, also one that no file could have here. */
export function anyEntry(
  name: Uint8Array | readonly Uint8Array[],
  content: Uint8Array = randomBytes(16),
): OutgoingEntry {
  const entry = memoryEntry('', content, createSha256);
  return { ...entry, offer: { ...entry.offer, path: name instanceof Uint8Array ? [name] : name } };
}

/** Sends them all in one session, as an honest sender would, in plaintext unless there is a key. */
export async function sendEntries(
  port: number,
  entries: readonly OutgoingEntry[],
  key?: string,
): Promise<readonly (EntryOutcome | undefined)[]> {
  const { end } = await callFirst([{ address: '127.0.0.1', family: 4 }], {
    caller: senderOf(entries),
    port,
    session: sessionConfig({ connectTimeout: 60_000 }),
    agree: () => (key === undefined ? plainInitiator : new NoiseInitiator({ key: parseSharedKey(key) })),
    channels: await createChannels(undefined),
    signal: undefined,
    onProgress: undefined,
  });
  if (end.kind !== 'complete') throw new Error(`the sending ended: ${JSON.stringify(end)}`);
  return end.outcomes;
}
