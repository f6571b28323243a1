import type { BlackoutSpec, BurstSpec, DuplicateSpec, IndexRange, ReorderSpec } from '../../channel/spec.ts';
import { invalid, parseDuration, parseInteger, parseProbability } from './values.ts';

/** `P,R`: the probability per datagram that a burst of losses begins, and that it ends. */
export function parseBurst(text: string): BurstSpec {
  const [enter, leave, ...rest] = text.split(',');
  if (enter === undefined || leave === undefined || rest.length > 0) throw invalid('Write it P,R, like 1%,25%.');
  const burst = { enter: parseProbability(enter), leave: parseProbability(leave) };
  if (burst.leave === 0) throw invalid('R is above 0, or the first burst would never end.');
  return burst;
}

/** `P[,GAP]`: how often a datagram is held back, and by how much at most. */
export function parseReorder(text: string): ReorderSpec {
  const [probability, gap, ...rest] = text.split(',');
  if (probability === undefined || rest.length > 0) throw invalid('Write it P or P,GAP, like 1%,20ms.');
  return { probability: parseProbability(probability), gap: parseOptional(gap) };
}

/** `P[,MAXDELAY]`: how often a datagram arrives twice, and how much later at most the copy comes. */
export function parseDuplicate(text: string): DuplicateSpec {
  const [probability, maxDelay, ...rest] = text.split(',');
  if (probability === undefined || rest.length > 0) throw invalid('Write it P or P,MAXDELAY, like 1%,20ms.');
  return { probability: parseProbability(probability), maxDelay: parseOptional(maxDelay) };
}

/** `START,DURATION[,EVERY]`: everything is lost for a while; bare numbers are seconds, only here. */
export function parseBlackout(text: string): readonly BlackoutSpec[] {
  const [start, duration, every, ...rest] = text.split(',');
  if (start === undefined || duration === undefined || rest.length > 0) {
    throw invalid('Write it START,DURATION or START,DURATION,EVERY, like 5,2 or 5s,500ms,10s.');
  }
  const blackout = { start: parseDuration(start, 's'), duration: parseDuration(duration, 's') };
  if (every === undefined) return [blackout];
  const period = parseDuration(every, 's');
  if (period <= blackout.duration) throw invalid('EVERY is longer than DURATION, or nothing would ever pass.');
  return [{ ...blackout, every: period }];
}

/** `3,7,12-15`: exactly these datagrams are lost, counted from 0 in their direction. */
export function parseDropList(text: string): readonly IndexRange[] {
  return text.split(',').map((item) => {
    const [first, last = first, ...rest] = item.split('-');
    if (first === undefined || last === undefined || rest.length > 0) throw invalid('Write it like 3,7,12-15.');
    const range = { first: parseIndex(first), last: parseIndex(last) };
    if (range.last < range.first) throw invalid(`${item} runs backwards: write it like 12-15.`);
    return range;
  });
}

function parseIndex(text: string): number {
  if (!/^\d+$/.test(text)) throw invalid('Write it like 3,7,12-15.');
  return parseInteger(text, 0, Number.MAX_SAFE_INTEGER);
}

function parseOptional(text: string | undefined): number | undefined {
  return text === undefined ? undefined : parseDuration(text);
}
