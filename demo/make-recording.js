// Runs the demo and keeps what it prints as docs/demo.svg, the picture in the README.
import { spawnSync } from 'node:child_process';
import { writeFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';

const DEMO = fileURLToPath(new URL('./demo.js', import.meta.url));
const PICTURE = fileURLToPath(new URL('../docs/demo.svg', import.meta.url));
const LINE = 19;
const CHARACTER = 8.4;
const MARGIN = 16;
const MAX_COLUMNS = 110;

const { stdout, status } = spawnSync(process.execPath, [DEMO], {
  encoding: 'utf8',
  stdio: ['ignore', 'pipe', 'inherit'],
});
if (status !== 0) throw new Error(`the demo ended with ${status}`);

/** Long lines go on in the next one, broken at a space. */
function wrap(line) {
  if (line.length <= MAX_COLUMNS) return [line];
  const end = line.lastIndexOf(' ', MAX_COLUMNS);
  return [line.slice(0, end), ...wrap(`     ${line.slice(end)}`)];
}
const lines = stdout.trimEnd().split('\n').flatMap(wrap);
const width = Math.ceil(2 * MARGIN + CHARACTER * Math.max(...lines.map((line) => line.length)));
const height = 2 * MARGIN + LINE * lines.length;
const escapeXml = (text) => text.replaceAll('&', '&amp;').replaceAll('<', '&lt;');
const colour = (line) => (/^\s*(\$|--)/.test(line) ? '#7ee787' : /^\s+\d+\.\d s /.test(line) ? '#79c0ff' : '#e6edf3');
const rows = lines.map(
  (line, i) =>
    `<text x="${MARGIN}" y="${MARGIN + LINE * (i + 0.75)}" fill="${colour(line)}" xml:space="preserve">${escapeXml(line)}</text>`,
);
writeFileSync(
  PICTURE,
  `<svg xmlns="http://www.w3.org/2000/svg" width="${width}" height="${height}" viewBox="0 0 ${width} ${height}" font-family="ui-monospace, Menlo, Consolas, monospace" font-size="14">
<title>Terminal: npm run demo</title>
<rect width="100%" height="100%" rx="8" fill="#0d1117"/>
${rows.join('\n')}
</svg>
`,
);
