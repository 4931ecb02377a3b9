import { formatRef } from '@paddock/contracts';
import type { Gate } from './gate.js';
import { changeRelease } from './resolutions.js';

/** Removals of documents that are not live. */
export const notLive: Gate = {
  code: 'NOT_LIVE',
  title: 'A document that is to be removed is not live',
  appears: 'The release removes a document that is not live in the environment.',
  appliesTo: 'FORWARD',
  severity: 'ERROR',
  subject: 'DOCUMENT',
  refusesSchedule: false,
  resolution: changeRelease('Take the document out of the release: leaveOut of updateRelease.'),
  override: null,
  find: ({ items }) =>
    items.flatMap((item) =>
      item.op === 'REMOVE' && !item.live
        ? [{ message: `${formatRef(item.ref)} is not live, so it cannot be removed`, concerns: [item] }]
        : [],
    ),
};
