/** What the process says when it ends. Stable: scripts branch on these. */
export const EXIT = {
  ok: 0,
  usage: 2,
  refused: 3,
  unreachable: 4,
  source: 5,
  store: 6,
  integrity: 7,
  partial: 8,
  bug: 70,
  hangup: 129,
  interrupt: 130,
  terminate: 143,
} as const;

export type ExitCode = (typeof EXIT)[keyof typeof EXIT];

/** What each code means, in words that may change. */
export const EXIT_MEANING: Readonly<Record<ExitCode, string>> = {
  0: 'every file is stored and verified',
  2: 'wrong usage',
  3: 'the peer refused the session: authentication, version or negotiation',
  4: 'no answer, timed out or lost',
  5: 'a file to send cannot be read, or changed while it was read',
  6: 'the receiver refused a file or could not store it',
  7: 'what arrived is not what was sent',
  8: 'some files were stored and some were not',
  70: 'a bug in udpcp',
  129: 'hangup (SIGHUP)',
  130: 'interrupted (SIGINT)',
  143: 'terminated (SIGTERM)',
};

/** The table for the end of `--help`: one line per code. */
export function exitCodesHelp(): string {
  const lines = Object.entries(EXIT_MEANING).map(([code, meaning]) => `  ${code.padEnd(5)}${meaning}`);
  return ['Exit codes:', ...lines].join('\n');
}
