import { UdpcpError } from '../../errors.ts';
import { printable } from '../../printable.ts';
import { errorLine, exitCodeOf } from '../errors.ts';
import type { ExitCode } from '../exit-codes.ts';
import { packageVersion } from '../version.ts';

/** The version of docs/udpcp.schema.json: changes when a field changes its meaning or goes away; new ones may come at any time. */
export const SCHEMA = 1;

/** `json`: one result at the end. `jsonl`: an event a line. */
export type JsonFormat = 'json' | 'jsonl';

/** One object for a program, without what all have in common. `time` is set unless it is given. */
export interface JsonObject {
  readonly type:
    | 'result'
    | 'list'
    | 'start'
    | 'session'
    | 'resuming'
    | 'file'
    | 'progress'
    | 'retry'
    | 'transfer'
    | 'error'
    | 'end';
  readonly command: string | null;
  readonly [field: string]: unknown;
}

/** Unread bytes from which on progress is left out, and from which on everything but the end is: a reader may be slow. */
const CROWDED = 64 * 1024;
const FULL = 16 * 1024 * 1024;

/** What lines are written to, and how much of it nobody has read yet. */
type LineStream = Pick<NodeJS.WritableStream, 'write'> & { readonly writableLength: number };

/** Objects for a program on stdout, one a line. Whatever becomes of the reader, nothing here throws or waits. */
export class JsonLines {
  readonly #stream: LineStream;
  #dropped = 0;

  constructor(stream: LineStream = process.stdout) {
    this.#stream = stream;
  }

  /** Lines that were left out because nobody read those before them. */
  get dropped(): number {
    return this.#dropped;
  }

  write(object: JsonObject): void {
    const { writableLength } = this.#stream;
    if (object.type === 'progress' && writableLength > CROWDED) return;
    const mustCome = object.type === 'error' || object.type === 'end';
    if (writableLength > FULL && !mustCome) this.#dropped++;
    else this.#stream.write(jsonLine(object));
  }
}

/** One line: what is undefined is null, and text is escaped as it is for people, whoever it comes from. */
function jsonLine({ type, command, ...rest }: JsonObject): string {
  const object = { schema: SCHEMA, type, command, time: new Date().toISOString(), ...rest };
  const line = JSON.stringify(object, (_, value: unknown) => {
    if (typeof value === 'string') return printable(value);
    return value === undefined ? null : value;
  });
  return `${line}\n`;
}

/** What ran, and where. */
export function runtimeJson(): object {
  const { versions, platform, arch, pid } = process;
  return { udpcp: packageVersion(), node: versions.node, platform, arch, pid };
}

/** A failure, as a program branches on it; null: there was none. */
export function errorJson(failure: unknown, exitCode: ExitCode = exitCodeOf(failure)): object | null {
  if (failure === undefined) return null;
  const code = failure instanceof UdpcpError ? failure.code : exitCode === 2 ? 'ERR_USAGE' : 'ERR_BUG';
  return { code, message: errorLine(failure).replace(/^udpcp: /, ''), exitCode };
}

/** The format that a command line asks for, even one that makes no sense otherwise. */
export function formatOf(args: readonly string[]): JsonFormat | undefined {
  const end = args.indexOf('--');
  const flags = end < 0 ? args : args.slice(0, end);
  const [json, jsonl] = [flags.includes('--json'), flags.includes('--jsonl')];
  if (json === jsonl) return undefined;
  return json ? 'json' : 'jsonl';
}

/** What a command that did not come to its own end tells: it threw. */
export function failureLines(format: JsonFormat, command: string | null, failure: unknown, exitCode: ExitCode): string {
  const error = errorJson(failure, exitCode);
  if (format === 'json')
    return jsonLine({ type: 'result', command, ok: false, exitCode, error, runtime: runtimeJson() });
  const end = jsonLine({ type: 'end', command, ok: false, exitCode });
  return `${jsonLine({ type: 'error', command, error })}${end}`;
}
