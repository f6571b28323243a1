import type { EntryOutcome } from '../../src/transfer/outcome.ts';
import type { Run } from './run-scenario.ts';
import type { FileSpec } from './scenario.ts';
import { demand } from './side-invariants.ts';

/** What must become of a file if nothing interrupts its transfer. */
function expectedStatus({ size, sourceFails, storeFault }: FileSpec): EntryOutcome['status'] {
  if (storeFault?.kind === 'skip') return 'skipped';
  if (storeFault?.kind === 'refuse') return 'refused';
  const sent = Math.min(size, sourceFails ?? size);
  if (storeFault?.kind === 'fail' && storeFault.after <= sent) return 'failed';
  return sourceFails === undefined ? 'stored' : 'failed';
}

/** What holds however a transfer ended: nothing published is wrong, and no success is claimed for what is not there. */
export function demandSafety({ contents, result }: Run): void {
  const { end, store } = result;
  contents.forEach((content, index) => {
    const published = store.published.get(`${index}`)?.bytes;
    const isEqual = published !== undefined && Buffer.compare(published, content) === 0;
    demand(published === undefined || isEqual, 'what is published is what was sent', index, published?.length);
    const outcome = end?.outcomes[index];
    demand(outcome?.status !== 'stored' || isEqual, 'what the sender calls stored is published', index);
  });
}

/** What holds where the channels were cut: both sides know that it is over, and none says what it cannot know. */
export function demandClearEnd(run: Run): void {
  const { end, incomingEnd, receiverStats } = run.result;
  demand(end !== undefined, 'the sender ends');
  // A receiver that heard nothing for the idle timeout has forgotten the session, and is found out when its answers come through.
  const ways = ['complete', 'silence', 'restart', 'no-session', 'no-progress'];
  // Late copies keep a receiver from falling silent: it leaves for want of progress, and may still be heard.
  if (incomingEnd?.kind === 'no-progress') ways.push('closed-by-peer');
  demand(ways.includes(end.kind), 'the sender says how it ended', end.kind);
  if (end.kind === 'complete') demandSuccess(run);
  if (receiverStats === undefined) return;
  // A sender that hears nothing says the same again and again for a while.
  const kinds = ['complete', 'silence', 'closed-by-peer', 'no-progress'];
  demand(kinds.includes(incomingEnd?.kind ?? ''), 'the receiver says how it ended', incomingEnd?.kind);
}

/** What holds where nothing interrupted it: both sides know, and each file became what it had to. */
export function demandSuccess({ scenario, contents, result }: Run): void {
  const { end, incomingEnd, store } = result;
  demand(end?.kind === 'complete', 'the sender completes', JSON.stringify(end));
  demand(incomingEnd?.kind === 'complete', 'the receiver completes', JSON.stringify(incomingEnd));
  contents.forEach((_, index) => {
    const expected = expectedStatus(scenario.files[index] as FileSpec);
    const outcome = end.outcomes[index];
    demand(outcome?.status === expected, `file ${index} is ${expected}`, JSON.stringify(outcome));
    const isPublished = store.published.has(`${index}`);
    demand(isPublished === (expected === 'stored'), `file ${index} is published if it is stored`, isPublished);
  });
}
