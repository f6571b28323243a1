import { CONTROL } from './names.ts';

/** The longest target of a symbolic link, in bytes. */
const MAX_TARGET = 4095;

const strictUtf8 = new TextDecoder('utf-8', { fatal: true, ignoreBOM: true });

export type TargetVerdict =
  | { readonly ok: true; readonly target: string }
  | { readonly ok: false; readonly words: string };

/**
 * Whether a symbolic link may have this target: it must lead to below the first of the link's own path components,
 * whatever other links there are. `depth` is the number of those components. The words of a refusal follow "the link".
 */
export function checkTarget(target: Uint8Array, depth: number): TargetVerdict {
  if (target.length === 0) return refuse('leads nowhere');
  if (target.length > MAX_TARGET) return refuse('has a target that is too long');
  const text = decode(target);
  if (text === undefined) return refuse('has a target that is not UTF-8');
  if (CONTROL.test(text)) return refuse('has a target with a control or invisible character');
  if (text.startsWith('/')) return refuse('has an absolute target');
  let isDown = false;
  let ups = 0;
  for (const component of text.split('/')) {
    if (component === '' || component === '.') continue;
    if (component !== '..') isDown = true;
    // What comes before may be a link itself, and its parent anywhere.
    else if (isDown) return refuse('has a target that goes down and up again');
    else if (++ups > depth - 2) return refuse('points outside of what is sent');
  }
  return depth < 2 ? refuse('is not inside a directory that is sent') : { ok: true, target: text };
}

function decode(bytes: Uint8Array): string | undefined {
  try {
    return strictUtf8.decode(bytes);
  } catch {
    return undefined;
  }
}

const refuse = (words: string): TargetVerdict => ({ ok: false, words });
