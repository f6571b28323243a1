/** Why something in a directory is not sent. */
const LEFT_OUT = ['link', 'broken link', 'repeated directory', 'device', 'socket', 'pipe', 'excluded'] as const;
export type LeftOutReason = (typeof LEFT_OUT)[number];

/** Something that is not sent. */
export interface LeftOut {
  /** Printable. */
  readonly path: string;
  readonly why: LeftOutReason;
}

const WORDS: Record<LeftOutReason, readonly [one: string, many: string]> = {
  link: ['symbolic link', 'symbolic links'],
  'broken link': ['broken symbolic link', 'broken symbolic links'],
  'repeated directory': ['directory that is sent already', 'directories that are sent already'],
  device: ['device', 'devices'],
  socket: ['socket', 'sockets'],
  pipe: ['pipe', 'pipes'],
  excluded: ['excluded name', 'excluded names'],
};

/** `2 symbolic links, 1 socket`; empty when nothing was left out. */
export function leftOutWords(leftOut: readonly LeftOut[]): string {
  return LEFT_OUT.map((reason) => {
    const count = leftOut.filter(({ why }) => why === reason).length;
    const [one, many] = WORDS[reason];
    return count === 0 ? '' : `${count} ${count === 1 ? one : many}`;
  })
    .filter((words) => words !== '')
    .join(', ');
}
