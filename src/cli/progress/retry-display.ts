import type { Reconnecting, RetryEvent } from '../../send/send-progress.ts';
import { errorLine } from '../errors.ts';
import { formatClock } from '../format.ts';
import type { Output } from '../output.ts';

/** `reconnecting (attempt 3, 0:12 left of 10:00)`. */
export function reconnectingWords({ attempt, left, of }: Reconnecting): string {
  return `reconnecting (attempt ${attempt}, ${formatClock(left)} left of ${formatClock(of)})`;
}

/** Tells of a session that was lost, and of the one that follows; the calls between are the progress line's. */
export function takeRetry(output: Output, event: RetryEvent): void {
  switch (event.kind) {
    case 'lost':
      output.note(`${withoutAdvice(errorLine(event.why))}; calling again for ${formatClock(event.retryFor)}`);
      break;
    case 'calling':
      break;
    case 'connected':
      output.progress.rest(); // begins anew: some may have to be sent again
      output.note(event.reconnections > 0 ? 'connected again' : 'connected');
      break;
  }
}

/** What to do next is being done. */
const withoutAdvice = (line: string): string => line.replace(/; .*$/, '');
