import { formatRef } from '@paddock/contracts';
import type { Gate } from './gate.js';
import { correctBody } from './resolutions.js';

/** A stored body that today's rules of its kind refuse: it was stored before a rule existed. */
export const invalidBody: Gate = {
  code: 'INVALID_BODY',
  title: 'A body does not meet the rules of its kind',
  appears:
    'The pinned revision breaks a rule of its kind. Drafts are checked when they are saved, so the rule is newer than the revision.',
  appliesTo: 'FORWARD',
  severity: 'ERROR',
  subject: 'DOCUMENT',
  refusesSchedule: true,
  resolution: correctBody('Correct the field that `path` names'),
  override: null,
  find: ({ items, kindOf }) =>
    items.flatMap(({ pinned }) => {
      if (!pinned) return [];
      const parsed = kindOf(pinned.ref.kind).parse(pinned.body);
      if (parsed.ok) return [];
      return parsed.problems.map((problem) => ({
        message: `${formatRef(pinned.ref)} ${problem.path}: ${problem.message}`,
        concerns: [pinned],
        path: problem.path,
        problem,
      }));
    }),
};
