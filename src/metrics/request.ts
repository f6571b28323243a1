/** What of a request decides about its answer. */
export interface Request {
  readonly method: string | undefined;
  readonly url: string | undefined;
  /** Of the header Host. */
  readonly host: string | undefined;
}

/** An answer before it has headers. */
export interface Answer {
  readonly status: number;
  readonly type: string;
  readonly body: string;
}

/** Loopback by name or number, with or without a port: a tunnel may have another one. */
const OWN_HOST = /^(localhost|127(\.\d{1,3}){3}|\[::1\])(:\d{1,5})?$/i;

/**
 * Why a request is refused; undefined: it may be answered. A page that a browser has from elsewhere, under a name that
 * leads to this machine (DNS rebinding), gives itself away by that name in Host.
 */
export function refusalOf({ method, host }: Request): Answer | undefined {
  if (method !== 'GET' && method !== 'HEAD') return plain(405, 'only GET and HEAD');
  if (host === undefined || !OWN_HOST.test(host)) return plain(403, 'ask for it at localhost or 127.0.0.1');
  return undefined;
}

/** The path that is asked for, without the query. */
export function pathOf({ url = '' }: Request): string {
  return url.split('?', 1)[0] ?? '';
}

/** An answer of one line. */
export function plain(status: number, line: string): Answer {
  return { status, type: 'text/plain; charset=utf-8', body: `${line}\n` };
}
