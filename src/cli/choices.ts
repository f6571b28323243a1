import { ARQ_STRATEGIES } from '../arq/registry.ts';
import { CONTROLLERS } from '../congestion/registry.ts';
import { invalid, type Parse } from './values.ts';

/** The name of one entry of a table, some of which also have a short name. */
function parseChoice<Name extends string>(
  table: Readonly<Record<Name, unknown>>,
  short: Readonly<Record<string, NoInfer<Name>>>,
): Parse<Name> {
  const names = Object.keys(table) as Name[];
  const byWord = new Map<string, Name>([...names.map((name) => [name, name] as const), ...Object.entries(short)]);
  return (text) => {
    const name = byWord.get(text);
    if (name === undefined) throw invalid(`One of ${[...byWord.keys()].join(', ')}.`);
    return name;
  };
}

/** The ARQ strategy, by its name or by the initials of the textbooks. */
export const parseArq = parseChoice(ARQ_STRATEGIES, { sw: 'stop-and-wait', gbn: 'go-back-n', sr: 'selective-repeat' });

/** The congestion controller. */
export const parseCongestion = parseChoice(CONTROLLERS, { reno: 'new-reno' });
