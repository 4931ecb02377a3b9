import { formatRef } from '@paddock/contracts';
import { changesWhatIsLive } from '../plan.js';
import type { Gate } from './gate.js';
import { changeRelease } from './resolutions.js';

/** Documents that the release leaves unchanged. If it changes no document, a gate reports that. */
export const unchanged: Gate = {
  code: 'UNCHANGED',
  title: 'A document stays as it is',
  appears: 'What the release pins of a document is live already, while other documents change.',
  appliesTo: 'ALL',
  severity: 'WARNING',
  subject: 'RELEASE',
  refusesSchedule: false,
  resolution: changeRelease('Take the document out of the release (leaveOut of updateRelease), or leave it.'),
  override: null,
  find({ items }) {
    if (!items.some(changesWhatIsLive)) return [];
    return items.flatMap((item) => {
      if (item.op === 'REMOVE' || changesWhatIsLive(item)) return [];
      const message = `${formatRef(item.ref)} would stay as it is: what the release pins is live already`;
      return [{ message, concerns: [item] }];
    });
  },
};
