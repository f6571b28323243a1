const MIB = 2 ** 20;

export const ratio = (value) => (value === undefined ? '' : `${value.toFixed(2)}x`);
export const percent = (value) => `${Math.round(value * 100)} %`;
export const seconds = (millis) => (millis === undefined ? '' : `${(millis / 1000).toFixed(2)} s`);
export const mebibytes = (bytes) => (bytes === undefined ? '' : `${Math.round(bytes / MIB)} MiB`);
export const size = (bytes) => (bytes % 2 ** 30 === 0 ? `${bytes / 2 ** 30} GiB` : `${+(bytes / MIB).toFixed(2)} MiB`);
export const count = (value) => Math.round(value).toLocaleString('en');

/** Lines of text: the first column to the left, the others to the right, each as wide as its widest cell. */
export function table(heading, rows) {
  const lines = [heading, ...rows];
  const widths = heading.map((_, column) => Math.max(...lines.map((line) => line[column].length)));
  const write = (line) =>
    line.map((cell, column) => (column === 0 ? cell.padEnd(widths[0]) : cell.padStart(widths[column]))).join('  ');
  return lines.map((line) => `${write(line).trimEnd()}\n`).join('');
}
