import { formatRef } from '@paddock/contracts';
import type { Gate } from './gate.js';
import { correctBody } from './resolutions.js';

/** Changes of a live body that its kind forbids, and contradictions to bodies that were live before. */
export const incompatibleChange: Gate = {
  code: 'INCOMPATIBLE_CHANGE',
  title: 'A change is not compatible with what is or was live',
  appears:
    'The kind of the document does not allow the change: for example, a version of an event schema that is live would get another meaning.',
  appliesTo: 'FORWARD',
  severity: 'ERROR',
  subject: 'DOCUMENT',
  refusesSchedule: false,
  resolution: correctBody('Restore the part that `path` names, or add a new version beside it,'),
  override: null,
  find: ({ items, kindOf }) =>
    items.flatMap(({ pinned, live, landed = [] }) => {
      if (!pinned) return [];
      const kind = kindOf(pinned.ref.kind);
      const problems = [
        ...((live && kind.checkChange?.(live.body, pinned.body)) ?? []),
        ...(kind.checkHistory?.(landed, live?.body, pinned.body) ?? []),
      ];
      return problems.map((problem) => ({
        message: `${formatRef(pinned.ref)} ${problem.path}: ${problem.message}`,
        concerns: [pinned],
        path: problem.path,
        problem,
      }));
    }),
};
