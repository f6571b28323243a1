import type { Bytes } from '../base/units.ts';
import type { Arrivals } from './arrivals.ts';
import type { ContentDigest } from './content-digest.ts';
import type { PartFile } from './part/part-file.ts';
import type { Place } from './place.ts';
import { RoomWatch } from './room.ts';

/** How content came to an end. */
export type ContentEnd = 'ended' | 'aborted' | 'too large';

/**
 * Writes what comes of an entry into its part until the end or the abort. `onTaken` is told when memory is free. Rejects
 * with the system's error.
 */
export async function writeContent(
  place: Place,
  size: Bytes | undefined,
  part: PartFile,
  arrivals: Arrivals,
  digest: ContentDigest,
  onTaken: () => void,
): Promise<ContentEnd> {
  const room = new RoomWatch(place, size, part.size);
  while (!arrivals.isAborted) {
    if (arrivals.isReady) {
      if (room.isDue(part.size)) await room.check(part.size);
      const batch = arrivals.take();
      const { pieces, offset } = batch;
      try {
        if (offset + batch.size > place.maxSize) return 'too large';
        digest.writing(pieces);
        await part.write(pieces, offset);
      } finally {
        arrivals.wrote(batch);
        onTaken();
      }
      digest.wrote(offset, batch.size);
    } else if (arrivals.promised !== undefined) return 'ended';
    else await arrivals.news();
  }
  return 'aborted';
}
