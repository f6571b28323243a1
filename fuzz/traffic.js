import { readFileSync } from 'node:fs';

/** Recorded traffic, and inputs that once broke something. */
export const CORPUS = new URL('../fixtures/corpus/', import.meta.url);

/** Every datagram of a real transfer, both ways, as `npm run fuzz -- record` wrote them. */
export function loadTraffic() {
  const lines = readFileSync(new URL('traffic.txt', CORPUS), 'utf8').trimEnd().split('\n');
  return lines.map((line) => {
    const [direction, base64] = line.split(' ');
    return { direction, bytes: Buffer.from(base64, 'base64') };
  });
}

/** Where it is written. */
export const TRAFFIC_FILE = new URL('traffic.txt', CORPUS);

/** Every kind of transfer message, as the golden vectors have them. */
export function loadMessages() {
  const { messages } = JSON.parse(readFileSync(new URL('../fixtures/vectors.json', import.meta.url), 'utf8'));
  return messages.map(({ hex }) => Buffer.from(hex, 'hex'));
}
