import { formatRef } from '@paddock/contracts';
import type { Gate } from './gate.js';
import { changeRelease } from './resolutions.js';

/** Pins that would silently undo a newer revision. */
export const stalePin: Gate = {
  code: 'STALE_PIN',
  title: 'A newer revision is live',
  appears: 'The release pins a revision that is older than the one that is live.',
  appliesTo: 'FORWARD',
  severity: 'ERROR',
  subject: 'RELEASE',
  refusesSchedule: true,
  resolution: changeRelease(
    'Name the document again in documents of updateRelease: that pins its present draft. To go back on purpose, use rollbackDocument.',
  ),
  override: null,
  find: ({ items }) =>
    items.flatMap((item) => {
      const { ref, pinned, live } = item;
      if (!pinned || !live || pinned.revision >= live.revision) return [];
      const message = `${formatRef(ref)}: revision ${live.revision} is live since release ${live.seq}, newer than the pinned revision ${pinned.revision}`;
      return [{ message, concerns: [item] }];
    }),
};
