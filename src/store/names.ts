/** Every file we make beside the received ones begins with this; no received name may. */
export const OWN_PREFIX = '.udpcp-';

/** Whose rules hold: Windows refuses more. */
type NamePlatform = 'posix' | 'win32';

/** Why a name is refused. */
export type NameRefusal =
  | 'empty'
  | 'length'
  | 'utf8'
  | 'dot'
  | 'separator'
  | 'nul'
  | 'control'
  | 'own'
  | 'hidden'
  | 'win-char'
  | 'win-trailing'
  | 'win-device';

export type NameVerdict =
  | { readonly ok: true; readonly name: string }
  | { readonly ok: false; readonly reason: NameRefusal };

export interface NameOptions {
  /** Take names with a leading dot; default false. */
  readonly allowHidden?: boolean;
  /** Default: this machine's. */
  readonly platform?: NamePlatform;
}

/** The longest component that any of our file systems takes, in bytes of UTF-8. */
export const MAX_NAME = 255;
/** Windows: UTF-16 units, with room below its 255 for a numbered name. */
const MAX_WINDOWS_NAME = 240;

/**
 * What rewrites a terminal, reorders text or does not show: C0, DEL, C1, bidi controls, zero-width characters, line
 * separators, annotation marks, tags, and what is no character at all. The joiners U+200C and U+200D stay: Persian and
 * Indic names and many emoji need them.
 */
export const CONTROL =
  /[\p{Cc}\p{Bidi_Control}\p{Noncharacter_Code_Point}\u{200b}\u{2060}-\u{206f}\u{feff}\u{2028}\u{2029}\u{fff9}-\u{fffb}\u{e0000}-\u{e007f}]/u;

const WINDOWS_CHARACTER = /[<>:"|?*]/;
const WINDOWS_TRAILING = /[. ]$/;
/** Devices, whatever the extension: Windows opens the device for `nul.txt` and `COM1 .log` too. */
const WINDOWS_DEVICE = /^(?:con|prn|aux|nul|clock\$|conin\$|conout\$|(?:com|lpt)[0-9\u00b9\u00b2\u00b3]) *(?:\.|$)/i;

const strictUtf8 = new TextDecoder('utf-8', { fatal: true, ignoreBOM: true });

/**
 * Whether one path component from the wire may name a file here. Any bytes at all give a verdict; a bad name is refused
 * and never rewritten, because a rewritten name is a second parser (PROTOCOL.md, section "File names").
 */
export function checkName(component: Uint8Array, options: NameOptions = {}): NameVerdict {
  if (component.length === 0) return refuse('empty');
  if (component.length > MAX_NAME) return refuse('length');
  const name = decode(component);
  if (name === undefined) return refuse('utf8');
  const reason =
    refusalOf(name, options.allowHidden ?? false) ?? windowsRefusal(name, options.platform ?? thisPlatform());
  return reason === undefined ? { ok: true, name } : refuse(reason);
}

/** The rules of `NameRefusal` in words, to follow "the name". */
export const REFUSAL_WORDS: Record<NameRefusal, string> = {
  empty: 'is empty',
  length: 'is too long',
  utf8: 'is not UTF-8',
  dot: 'is a directory',
  separator: 'contains a path separator',
  nul: 'contains a NUL',
  control: 'contains a control or invisible character',
  own: `begins with ${OWN_PREFIX}`,
  hidden: 'is hidden (begins with a dot)',
  'win-char': 'contains a character that Windows does not allow',
  'win-trailing': 'ends in a dot or a space, which Windows does not allow',
  'win-device': 'is a device on Windows',
};

function refusalOf(name: string, allowHidden: boolean): NameRefusal | undefined {
  if (name === '.' || name === '..') return 'dot';
  if (/[/\\]/.test(name)) return 'separator';
  if (name.includes('\0')) return 'nul';
  if (CONTROL.test(name)) return 'control';
  if (name.toLowerCase().startsWith(OWN_PREFIX)) return 'own'; // some file systems ignore case
  if (name.startsWith('.') && !allowHidden) return 'hidden';
  return undefined;
}

function windowsRefusal(name: string, platform: NamePlatform): NameRefusal | undefined {
  if (platform !== 'win32') return undefined;
  if (name.length > MAX_WINDOWS_NAME) return 'length';
  if (WINDOWS_CHARACTER.test(name)) return 'win-char';
  if (WINDOWS_TRAILING.test(name)) return 'win-trailing';
  if (WINDOWS_DEVICE.test(name)) return 'win-device';
  return undefined;
}

function decode(component: Uint8Array): string | undefined {
  try {
    return strictUtf8.decode(component);
  } catch {
    return undefined;
  }
}

const refuse = (reason: NameRefusal): NameVerdict => ({ ok: false, reason });

const thisPlatform = (): NamePlatform => (process.platform === 'win32' ? 'win32' : 'posix');
