import type { Gate } from './gate.js';
import { correctBody } from './resolutions.js';
import { sharedClaims } from './shared-claims.js';

/** Pairs of documents that contradict each other; the release lands at least one of them. */
export const contradiction: Gate = {
  code: 'CONTRADICTION',
  title: 'Two documents contradict each other',
  appears: 'Two documents that would be live say the opposite of the same thing, and neither is more specific.',
  appliesTo: 'FORWARD',
  severity: 'ERROR',
  subject: 'DOCUMENT',
  refusesSchedule: false,
  resolution: correctBody('Narrow one of the two documents'),
  override: null,
  find: (input) =>
    sharedClaims(input, ({ ref }) => (input.kindOf(ref.kind).contradiction ? ref.kind : undefined)).flatMap(
      ({ landing, other, inOrder: [one, another] }) => {
        const message = input.kindOf(landing.ref.kind).contradiction?.(one, another);
        return message === undefined ? [] : [{ message, concerns: [landing, other] }];
      },
    ),
};
