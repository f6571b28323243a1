import { DEFAULT_PORT } from '../net/address.ts';
import { ANY_ADDRESS, checkMtu } from '../net/interface-mtu.ts';
import { createChannels } from '../net/live-channels.ts';
import { UdpSocket } from '../net/udp-socket.ts';
import { acceptorAgreement } from '../security.ts';
import { FileStore, openStore } from '../store/file-store.ts';
import { FileReceiver } from './file-receiver.ts';
import type { ReceiveOptions } from './receive-options.ts';

/** Opens the directory and the port. Rejects with UdpcpError when either cannot be used. */
export async function receiveFiles(options: ReceiveOptions): Promise<FileReceiver> {
  const {
    out,
    address,
    port = DEFAULT_PORT,
    mtu,
    exists,
    allowHidden,
    maxSize,
    maxFiles,
    resume,
    keepPartials,
    fsync,
  } = options;
  checkMtu(mtu, address ?? ANY_ADDRESS);
  const agreement = acceptorAgreement(options.security ?? {});
  const choices = {
    ...(exists === undefined ? {} : { exists }),
    ...(allowHidden === undefined ? {} : { allowHidden }),
    ...(maxSize === undefined ? {} : { maxSize }),
    ...(maxFiles === undefined ? {} : { maxFiles }),
    ...(resume === undefined ? {} : { resume }),
    ...(keepPartials === undefined ? {} : { keepPartials }),
    ...(fsync === undefined ? {} : { fsync }),
  };
  const store = typeof out === 'string' ? await openStore(out, choices) : out;
  if (store instanceof FileStore) store.clearOld();
  try {
    const channels = await createChannels(options.channel);
    return new FileReceiver(await UdpSocket.bind(address, port), store, channels, agreement, options);
  } catch (error) {
    await store.close();
    throw error;
  }
}
