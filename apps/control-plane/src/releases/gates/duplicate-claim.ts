import { formatRef } from '@paddock/contracts';
import type { Gate } from './gate.js';
import { changeRelease, keepInRollback } from './resolutions.js';
import { sharedClaims } from './shared-claims.js';

/** Two documents of a site with the same exclusive claim, such as a page. */
export const duplicateClaim: Gate = {
  code: 'DUPLICATE_CLAIM',
  title: 'Two documents claim what only one may have',
  appears: 'Two live documents of one site would claim the same: two layouts one page, two event schemas one name.',
  appliesTo: 'ALL',
  severity: 'ERROR',
  subject: 'DOCUMENT',
  refusesSchedule: false,
  resolution: changeRelease(
    'Remove the other document in the same release (remove of updateRelease), or change the claim in the draft of one of them.',
  ),
  inRollback: keepInRollback,
  override: null,
  find: (input) =>
    sharedClaims(input, ({ ref }) => `${ref.kind}/${ref.site}`).flatMap(
      ({ claim, landing, other, inOrder: [one, another] }) => {
        const kind = input.kindOf(landing.ref.kind);
        if (kind.mayCoexist?.(one.body, another.body)) return [];
        const what = kind.claimed?.(another.body, claim) ?? claim;
        const message = `${formatRef(landing.ref)} and ${formatRef(other.ref)} both claim ${what}; only one may`;
        return [{ message, concerns: [landing, other] }];
      },
    ),
};
