import type { ControllerName } from '../../congestion/registry.ts';
import type { ArqName } from '../../wire/terms.ts';
import { invalid, type Parse } from './values.ts';

/** One of the names of a table, which also holds the short name that some have. */
function parseChoice<Name extends string>(table: Readonly<Record<Name, string | undefined>>): Parse<Name> {
  const names = Object.keys(table) as Name[];
  const byWord = new Map<string, Name>(names.map((name) => [name, name]));
  for (const name of names) if (table[name] !== undefined) byWord.set(table[name], name);
  return (text) => {
    const name = byWord.get(text);
    if (name === undefined) throw invalid(`One of ${[...byWord.keys()].join(', ')}.`);
    return name;
  };
}

/** Names and the initials of the textbooks. */
const ARQ: Readonly<Record<ArqName, string>> = {
  'stop-and-wait': 'sw',
  'go-back-n': 'gbn',
  'selective-repeat': 'sr',
};
/** The ARQ strategy, by either. */
export const parseArq = parseChoice<ArqName>(ARQ);
/** What a shell completes. */
export const ARQ_WORDS = Object.keys(ARQ);

/** The names alone: help and errors need none of the code behind them. */
const CONGESTION: Readonly<Record<ControllerName, string | undefined>> = {
  'new-reno': 'reno',
  cubic: undefined,
  bbr: undefined,
  fixed: undefined,
};
/** The congestion controller. */
export const parseCongestion = parseChoice<ControllerName>(CONGESTION);
/** What a shell completes. */
export const CONGESTION_WORDS = Object.keys(CONGESTION);
