import { PREFIX_CHUNK } from '../../transfer/message-layout.ts';
import type { Offer } from '../../transfer/messages.ts';
import type { Owner } from '../../transfer/ports.ts';
import type { Place } from '../place.ts';
import { ownName, resumableId } from './own-names.ts';
import type { PartClaims } from './part-claims.ts';
import { takeLock } from './part-lock.ts';

/**
 * Removes what a process left beside the file of this path, which is complete, when it died after publishing it. What a
 * transfer or process still holds is left alone. Never rejects.
 */
export async function clearLeft(place: Place, claims: PartClaims, offer: Offer, owner: Owner): Promise<void> {
  const { files, directory, resume } = place;
  if (!resume || offer.size === undefined || offer.size < PREFIX_CHUNK) return;
  const id = resumableId(offer.path);
  const claim = claims.takeFree(id, owner);
  if (claim === undefined) return;
  try {
    const unlock = await takeLock(files, directory, id);
    if (unlock === undefined) return;
    for (const kind of ['part', 'journal'] as const)
      await files.unlink(directory.at(ownName(id, kind))).catch(() => {});
    await unlock();
  } catch {
    // It is only tidier without.
  } finally {
    claim.release();
  }
}
