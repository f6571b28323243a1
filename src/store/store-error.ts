import { UdpcpError } from '../errors.ts';

/**
 * What this side's own files make impossible, found before anything is sent or received: `ERR_LOCAL_FILE` for a file to
 * send, `ERR_LOCAL_STORE` for the output directory, `ERR_USAGE` for a name that the user gave.
 */
export class StoreError extends UdpcpError {
  declare readonly code: 'ERR_LOCAL_FILE' | 'ERR_LOCAL_STORE' | 'ERR_USAGE';

  constructor(code: StoreError['code'], message: string, options?: ErrorOptions) {
    super(code, message, options);
  }
}
