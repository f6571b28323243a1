import { UdpcpError } from '../errors.ts';

/** Rejects with UdpcpError ERR_CANCELLED as soon as the signal comes; the work goes on and nobody listens. */
export function untilCancelled<Result>(work: Promise<Result>, signal: AbortSignal | undefined): Promise<Result> {
  return new Promise((resolve, reject) => {
    const cancel = (): void => reject(new UdpcpError('ERR_CANCELLED', 'interrupted before anything was sent'));
    if (signal?.aborted) cancel();
    signal?.addEventListener('abort', cancel, { once: true });
    void work.then(resolve, reject).finally(() => signal?.removeEventListener('abort', cancel));
  });
}
