import { RECORDING_FORMAT, RECORDING_VERSION } from './recording.ts';
import { type Copy, DROP_CAUSES, type DropCause, MAX_COPIES, type Verdict } from './verdict.ts';

/** A recording read back: for each direction it names, the verdicts by datagram index, for `ChannelOptions.replay`. */
export interface Recording {
  readonly kind: 'recording';
  readonly seed: number;
  readonly directions: ReadonlyMap<string, ReadonlyMap<number, Verdict>>;
}

/** What is wrong with a recording, in words and on one line that names the line. None of the text is repeated. */
export interface BadRecording {
  readonly kind: 'bad-recording';
  readonly message: string;
}

const MAX_FLIPS = 64;
/** Bits of the largest UDP payload there can be. */
const MAX_BITS = 65_535 * 8;

/** Reads what recording.ts writes and documents; any text at all gives a recording or a reason. Never throws. */
export function parseRecording(text: string): Recording | BadRecording {
  const lines = text.split('\n');
  const header = parseHeader(parseObject(lines[0] ?? ''));
  if (typeof header === 'string') return { kind: 'bad-recording', message: `line 1: ${header}` };
  for (const [position, line] of lines.entries()) {
    if (position === 0 || line.trim() === '') continue;
    const fault = takeVerdict(header.directions, parseObject(line));
    if (fault !== undefined) return { kind: 'bad-recording', message: `line ${position + 1}: ${fault}` };
  }
  return { kind: 'recording', ...header };
}

interface Header {
  readonly seed: number;
  readonly directions: Map<string, Map<number, Verdict>>;
}

/** Fields a line may have; only those its own text names are ever read. */
type Fields = ReadonlyMap<string, unknown>;

/** The fields of a JSON object; undefined for any other text. A map, so that no name is special. */
function parseObject(line: string): Fields | undefined {
  try {
    return toFields(JSON.parse(line));
  } catch {
    return undefined;
  }
}

function toFields(value: unknown): Fields | undefined {
  const isObject = typeof value === 'object' && value !== null && !Array.isArray(value);
  return isObject ? new Map(Object.entries(value)) : undefined;
}

function parseHeader(fields: Fields | undefined): Header | string {
  if (fields?.get('format') !== RECORDING_FORMAT) return `not a channel recording ("format":"${RECORDING_FORMAT}")`;
  if (fields.get('version') !== RECORDING_VERSION) return `only version ${RECORDING_VERSION} can be read`;
  const seed = fields.get('seed');
  if (!isCount(seed)) return '"seed" is not a whole number in 0..2^53 - 1';
  const directions = toFields(fields.get('directions'));
  if (directions === undefined) return '"directions" is not an object';
  return { seed, directions: new Map([...directions.keys()].map((name) => [name, new Map()])) };
}

/** Adds one line's verdict; the fault in words if it has one. */
function takeVerdict(directions: Header['directions'], fields: Fields | undefined): string | undefined {
  if (fields === undefined) return 'not a JSON object (was the recording cut off?)';
  const direction = fields.get('direction');
  const verdicts = typeof direction === 'string' ? directions.get(direction) : undefined;
  if (verdicts === undefined) return '"direction" is not one that the header names';
  const index = fields.get('i');
  if (!isCount(index)) return '"i" is not a whole number in 0..2^53 - 1';
  if (verdicts.has(index)) return `a second verdict on datagram ${index} of this direction`;
  if (!isCount(fields.get('size'))) return '"size" is not a whole number in 0..2^53 - 1';
  const verdict = parseVerdict(fields.get('cause'), fields.get('copies'));
  if (typeof verdict === 'string') return verdict;
  verdicts.set(index, verdict);
  return undefined;
}

function parseVerdict(cause: unknown, values: unknown): Verdict | string {
  if (!Array.isArray(values) || values.length > MAX_COPIES) return `"copies" is not a list of at most ${MAX_COPIES}`;
  const copies: Copy[] = [];
  for (const value of values) {
    const copy = parseCopy(toFields(value));
    if (typeof copy === 'string') return copy;
    copies.push(copy);
  }
  if (copies.length > 0) return cause === undefined ? { copies } : '"cause" beside copies';
  return isCause(cause) ? { cause, copies } : `"cause" is not one of ${DROP_CAUSES.join(', ')}`;
}

function parseCopy(fields: Fields | undefined): Copy | string {
  const delay = fields?.get('delay');
  const cut = fields?.get('cut');
  const flips = fields?.get('flips');
  if (typeof delay !== 'number' || !Number.isFinite(delay) || delay < 0) {
    return '"delay" of a copy is not a finite number of 0 or more';
  }
  if (cut !== undefined && !isCount(cut)) return '"cut" of a copy is not a whole number in 0..2^53 - 1';
  if (flips !== undefined && !isFlips(flips)) {
    return `"flips" of a copy is not a list of at most ${MAX_FLIPS} distinct bit positions below ${MAX_BITS}`;
  }
  return { delay, ...(cut !== undefined && { cut }), ...(flips !== undefined && { flips }) };
}

const isCount = (value: unknown): value is number => Number.isSafeInteger(value) && Number(value) >= 0;

const isCause = (value: unknown): value is DropCause => DROP_CAUSES.some((cause) => cause === value);

function isFlips(value: unknown): value is readonly number[] {
  if (!Array.isArray(value) || value.length > MAX_FLIPS || new Set(value).size < value.length) return false;
  return value.every((bit) => isCount(bit) && bit < MAX_BITS);
}
