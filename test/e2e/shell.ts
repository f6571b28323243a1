import { type Ended, type StartOptions, UDPCP } from './processes.ts';

/** Runs udpcp, which is `"$0" "$@"`, in a line of the shell. */
export const shell = (line: string): StartOptions => ({
  command: ['/bin/sh', '-c', line, process.execPath, UDPCP],
});

/** Runs udpcp in a pipeline, first its exit code and the most memory it had go to stderr. */
export const piped = (rest: string): StartOptions => ({
  ...shell(`{ "$0" "$@"; echo "exit $?" >&2; } ${rest}`),
  env: TELLING_PEAK,
});

const TELL_PEAK = `process.on('exit', () => process.stderr.write('peak ' + process.resourceUsage().maxRSS + '\\n'))`;
/** Makes a process of Node's say at its end how much memory it had. */
export const TELLING_PEAK = { NODE_OPTIONS: `--import=data:text/javascript,${encodeURIComponent(TELL_PEAK)}` };

/** In bytes. */
export const peakOf = ({ stderr }: Pick<Ended, 'stderr'>): number => 1024 * Number(/^peak (\d+)$/m.exec(stderr)?.[1]);

/** Of what ran `piped`. */
export const exitOf = ({ stderr }: Pick<Ended, 'stderr'>): number => Number(/^exit (\d+)$/m.exec(stderr)?.[1]);
