// The live page of a receiver. What a sender chose reaches the page as text alone: never as HTML.

const INTERVAL = 1000;
/** An answer that takes longer is none. */
const PATIENCE = 4000;
/** Rows at first: a thousand of them would bury the rest of a phone's page. */
const FEW = 50;
const HISTORY = 300;
const COLUMNS = ['Sender', 'File', 'Received', 'Rate', 'Round trip', 'Loss', 'Time'];

const get = (id) => document.getElementById(id);
const rows = new Map();
let shown;
let heardAt;
let showsAll = false;
let timer;

function threeDigits(value) {
  return String(Number(value.toPrecision(3)));
}

function scale(value, unit) {
  const prefixes = ['', 'k', 'M', 'G', 'T', 'P'];
  let index = 0;
  for (; value >= 999.5 && index < prefixes.length - 1; index += 1) value /= 1000;
  return `${threeDigits(value)} ${prefixes[index]}${unit}`;
}

const size = (bytes) => scale(bytes, 'B');
const rate = (bytesPerSecond) => scale(8 * bytesPerSecond, 'bit/s');
const count = (number) => number.toLocaleString('en');
const roundTrip = (ms) => (ms < 999.5 ? `${threeDigits(ms)} ms` : `${threeDigits(ms / 1000)} s`);
const percent = (ratio) => `${threeDigits(100 * ratio)} %`;

function duration(ms) {
  const seconds = Math.round(ms / 1000);
  const two = (number) => String(number).padStart(2, '0');
  if (seconds < 60) return `${seconds} s`;
  if (seconds < 3600) return `${Math.floor(seconds / 60)} m ${two(seconds % 60)} s`;
  const hours = Math.floor(seconds / 3600);
  if (hours < 48) return `${hours} h ${two(Math.floor((seconds % 3600) / 60))} m`;
  return `${Math.floor(hours / 24)} d ${hours % 24} h`;
}

/** Touches the page only where something changed. */
function say(element, text) {
  if (element.textContent !== text) element.textContent = text;
}

// --- the chart -----------------------------------------------------------------------------------------------------

/** The smallest of 1, 2, 5, 10, 20 ... that is not below. */
function roundUp(value) {
  const power = 10 ** Math.floor(Math.log10(Math.max(value, 1)));
  return power * ([1, 2, 5, 10].find((step) => step * power >= value) ?? 10);
}

function drawChart(history) {
  const top = roundUp(8 * Math.max(125, ...history)) / 8;
  const left = HISTORY - history.length + 1;
  const points = history.map((value, i) => `${left + i} ${(99.5 - 99 * (value / top)).toFixed(2)}`);
  get('line').setAttribute('d', points.length > 1 ? `M${points.join('L')}` : '');
  get('area').setAttribute('d', points.length > 1 ? `M${left} 99.5L${points.join('L')}V99.5Z` : '');
  say(get('chart-top'), rate(top));
  say(get('chart-middle'), rate(top / 2));
}

function pointAt(event) {
  if (shown === undefined) return;
  const { left, width } = get('chart').getBoundingClientRect();
  const ago = Math.round(HISTORY * (1 - (event.clientX - left) / width));
  const value = shown.history[shown.history.length - 1 - ago];
  if (value === undefined) leaveChart();
  else {
    get('cursor').setAttribute('d', `M${HISTORY - ago} 0V100`);
    say(get('chart-note'), `${rate(value)}, ${duration(1000 * ago)} ago`);
  }
}

function leaveChart() {
  get('cursor').setAttribute('d', '');
  say(get('chart-note'), 'the last five minutes');
}

// --- the transfers -------------------------------------------------------------------------------------------------

function createRow() {
  const row = document.createElement('tr');
  const cells = COLUMNS.map((label) => {
    const cell = document.createElement('td');
    cell.dataset.label = label;
    row.append(cell);
    return cell;
  });
  const received = document.createElement('span');
  const bar = document.createElement('progress');
  cells[2].append(received, bar);
  return { row, cells, received, bar };
}

function fillRow(
  { cells, received, bar },
  { peer, file, bytes, bytesTotal, bytesPerSecond, srttMs, missing, elapsedMs },
) {
  const isSized = bytesTotal >= bytes && bytesTotal > 0;
  const texts = [
    peer,
    file ?? '–',
    undefined,
    rate(bytesPerSecond),
    srttMs === null ? '–' : roundTrip(srttMs),
    percent(missing),
    duration(elapsedMs),
  ];
  for (const [index, text] of texts.entries()) if (text !== undefined) say(cells[index], text);
  cells[0].title = peer;
  cells[1].title = file ?? '';
  say(received, isSized ? `${size(bytes)} of ${size(bytesTotal)}` : size(bytes));
  bar.hidden = !isSized;
  if (isSized) {
    bar.max = bytesTotal;
    bar.value = bytes;
  }
}

/** The chosen transfers, in order: newest, fastest, largest first; names from a to z. */
function choose(sessions) {
  const key = get('sort').value;
  const wanted = get('find').value.toLowerCase();
  const isWanted = ({ peer, file }) => `${peer}\n${file ?? ''}`.toLowerCase().includes(wanted);
  const isName = key === 'peer' || key === 'file';
  const compare = (a, b) =>
    (isName ? String(a[key] ?? '').localeCompare(String(b[key] ?? '')) : b[key] - a[key]) || b.transfer - a.transfer;
  return sessions.filter(isWanted).sort(compare);
}

function drawSessions({ sessions, open, omitted }) {
  const chosen = choose(sessions);
  const visible = showsAll ? chosen : chosen.slice(0, FEW);
  const body = get('sessions').tBodies[0];
  const ids = new Set(visible.map(({ transfer }) => transfer));
  for (const [id, { row }] of rows) {
    if (ids.has(id)) continue;
    row.remove();
    rows.delete(id);
  }
  for (const [index, session] of visible.entries()) {
    const known = rows.get(session.transfer) ?? createRow();
    rows.set(session.transfer, known);
    fillRow(known, session);
    if (body.children[index] !== known.row) body.insertBefore(known.row, body.children[index] ?? null);
  }
  get('sessions').hidden = visible.length === 0;
  get('none').hidden = visible.length > 0;
  say(get('none'), open === 0 ? 'No transfer is going on.' : 'None of the transfers that are going on is like that.');
  const hidden = chosen.length - visible.length;
  get('more').hidden = hidden === 0 && omitted === 0;
  const slower = omitted > 0 ? ` ${count(omitted)} slower ones are only counted.` : '';
  say(get('more').querySelector('span'), `${count(visible.length)} of ${count(open)} are shown.${slower}`);
  get('more').querySelector('button').hidden = hidden === 0;
  say(get('sessions-title'), open === 0 ? 'Going on' : `Going on: ${count(open)}`);
}

function drawRecent(recent) {
  const items = recent.map(({ peer, end, text, stored, failed, bytes, elapsedMs }) => {
    const isGood = end === 'complete' && failed === 0;
    const why = end === 'complete' ? '' : `${text || end}; `;
    const others = failed === 0 ? '' : `, ${count(failed)} not`;
    const what = `${why}${count(stored)} ${stored === 1 ? 'file' : 'files'} stored${others}`;
    return { isGood, words: [peer, what, `${size(bytes)} in ${duration(elapsedMs)}`] };
  });
  get('no-recent').hidden = items.length > 0;
  const signature = JSON.stringify(items);
  if (get('recent').dataset.signature === signature) return;
  get('recent').dataset.signature = signature;
  get('recent').replaceChildren(
    ...items.map(({ isGood, words }) => {
      const item = document.createElement('li');
      for (const word of words) {
        const span = document.createElement('span');
        span.textContent = word;
        item.append(span);
      }
      if (!isGood) item.children[1].className = 'bad';
      return item;
    }),
  );
}

// --- the page ------------------------------------------------------------------------------------------------------

function draw(news) {
  shown = news;
  const { version, address, startedAt, now, open, bytesPerSecond, totals } = news;
  const { stored = 0, refused = 0, failed = 0 } = totals.files;
  say(get('address'), `UDP ${address}`);
  say(get('version'), `udpcp ${version}`);
  say(get('up'), duration(now - startedAt));
  say(get('rate'), rate(bytesPerSecond));
  say(get('open'), count(open));
  say(get('stored'), count(stored));
  say(get('bytes'), size(totals.storedBytes));
  say(get('failed'), count(refused + failed));
  get('failed').classList.toggle('bad', refused + failed > 0);
  document.title = open === 0 ? 'udpcp receiver' : `${rate(bytesPerSecond)}, ${count(open)} · udpcp receiver`;
  drawChart(news.history);
  drawSessions(news);
  drawRecent(news.recent);
}

function setState(isLive) {
  document.body.classList.toggle('stale', !isLive);
  get('state').className = `state ${isLive ? 'live' : 'gone'}`;
  say(get('state'), isLive ? 'live' : 'no answer');
  get('lost').hidden = isLive;
  if (isLive) return;
  const since = heardAt?.toLocaleTimeString();
  const words =
    'The receiver does not answer: it has ended, or this machine cannot reach it. Trying again each second.';
  say(get('lost'), since === undefined ? words : `${words} What you see is from ${since}.`);
  document.title = 'no answer · udpcp receiver';
}

async function update() {
  clearTimeout(timer);
  try {
    const answer = await fetch('/sessions.json', { cache: 'no-store', signal: AbortSignal.timeout(PATIENCE) });
    if (!answer.ok) throw new Error(`answered ${answer.status}`);
    const news = await answer.json();
    heardAt = new Date();
    setState(true);
    draw(news);
  } catch {
    setState(false);
  }
  clearTimeout(timer);
  if (!document.hidden) timer = setTimeout(update, INTERVAL);
}

const redraw = () => shown !== undefined && drawSessions(shown);
get('sort').addEventListener('change', redraw);
get('find').addEventListener('input', redraw);
get('more')
  .querySelector('button')
  .addEventListener('click', () => {
    showsAll = true;
    redraw();
  });
get('chart').addEventListener('pointermove', pointAt);
get('chart').addEventListener('pointerleave', leaveChart);
document.addEventListener('visibilitychange', () => {
  if (!document.hidden) void update();
});
void update();
