import { formatRef } from '@paddock/contracts';
import type { Gate } from './gate.js';

/** A scheduled release that this one would turn stale must be dealt with first; a later pin simply follows. */
export const scheduledOverlap: Gate = {
  code: 'SCHEDULED_OVERLAP',
  title: 'A scheduled release would become stale',
  appears: 'A scheduled release pins an older revision of a document than this release would make live.',
  appliesTo: 'FORWARD',
  severity: 'ERROR',
  subject: 'RELEASE',
  refusesSchedule: false,
  resolution: {
    mutation: 'cancelSchedule',
    hint: 'Cancel the schedule of the other release with cancelSchedule, then pin its documents again with updateRelease.',
  },
  override: null,
  find: ({ items, scheduled }) =>
    scheduled.flatMap((other) =>
      other.pins.flatMap((pin) => {
        const item = items.find(({ documentId }) => documentId === pin.documentId);
        const mine = item?.pinned?.revision;
        if (!item || mine === undefined || pin.revision === null || pin.revision >= mine) return [];
        const message =
          `${formatRef(item.ref)}: release ${JSON.stringify(other.title)}, scheduled for ${other.at.toISOString()}, pins revision ` +
          `${pin.revision}, older than revision ${mine} of this one; cancel its schedule first`;
        return [{ message, concerns: [item] }];
      }),
    ),
};
