import { formatRef } from '@paddock/contracts';
import { changesWhatIsLive } from '../plan.js';
import type { Gate } from './gate.js';
import { changeRelease } from './resolutions.js';

const MAX_NAMED = 10;

/** A release that would take a seq and wake every consumer without any effect. Removing a document that is not live has its own gate. */
export const emptyRelease: Gate = {
  code: 'EMPTY_RELEASE',
  title: 'The release changes nothing',
  appears: 'The release has no document, or every document in it would stay as it is live now.',
  appliesTo: 'ALL',
  severity: 'ERROR',
  subject: 'RELEASE',
  refusesSchedule: false,
  resolution: changeRelease(
    'Add documents with updateRelease, save changes to their drafts first, or give the release up with dropRelease.',
  ),
  inRollback: null,
  override: null,
  find({ items }) {
    if (items.length === 0) return [{ message: 'the release has no document', concerns: [] }];
    if (items.some((item) => item.op === 'REMOVE' || changesWhatIsLive(item))) return [];
    const names = items.slice(0, MAX_NAMED).map(({ ref }) => formatRef(ref));
    const more = items.length > names.length ? ` and ${items.length - names.length} more` : '';
    const message = `the release changes nothing: ${names.join(', ')}${more} would stay as live now`;
    return [{ message, concerns: items }];
  },
};
