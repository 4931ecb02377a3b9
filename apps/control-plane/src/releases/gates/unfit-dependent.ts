import { formatRef } from '@paddock/contracts';
import type { NamedReference } from '../../documents/config-kind.js';
import type { PinnedBody } from '../plan.js';
import { findInDependents } from './dependents.js';
import type { Gate } from './gate.js';
import { correctBody, keepInRollback } from './resolutions.js';

/** Bodies that do not fit their targets: bodies that the release lands, and live bodies whose target it changes. */
export const unfitDependent: Gate = {
  code: 'INVALID_BODY',
  title: 'A body does not fit the document that it refers to',
  appears:
    'A document in the release does not fit what it refers to, for example the props of a promo to the schema of its component; or a live document would no longer fit after the release.',
  appliesTo: 'ALL',
  severity: 'ERROR',
  subject: 'DOCUMENT',
  refusesSchedule: true,
  resolution: correctBody('Correct the field that `path` names, or the document that it refers to,'),
  inRollback: keepInRollback,
  override: null,
  find: (input) =>
    findInDependents(input, (from, state, concerns) => {
      const kind = input.kindOf(from.ref.kind);
      // A change may break a document several references further.
      const sees = kind.revalidatesDependents ? () => true : concerns;
      // A problem may quote any of the bodies that were read.
      const read = new Map<string, PinnedBody>();
      const resolve = (reference: NamedReference) => {
        const target = sees(reference) ? state.resolve(from.ref.site, reference) : undefined;
        if (target) read.set(target.documentId, target);
        return target?.body;
      };
      return kind.checkAgainst(from.body, resolve, from.ref.key).map((problem) => ({
        message: `${formatRef(from.ref)} ${problem.path}: ${problem.message}`,
        concerns: [from, ...read.values()],
        path: problem.path,
        problem,
      }));
    }),
};
