import { ALL_SITES, formatRef } from '@paddock/contracts';
import { FieldProblem } from '../../graphql/problems.js';
import { findInDependents } from './dependents.js';
import type { Gate } from './gate.js';
import { changeRelease, keepInRollback } from './resolutions.js';

/** References from the documents that the release lands, and references to documents that it changes or removes. */
export const brokenReference: Gate = {
  code: 'BROKEN_REFERENCE',
  title: 'A reference names a document that would not be live',
  appears:
    'A document in the release names one that is not live on its site or for all sites, or the release removes a document that a live one names.',
  appliesTo: 'ALL',
  severity: 'ERROR',
  subject: 'DOCUMENT',
  refusesSchedule: false,
  resolution: changeRelease(
    'Add the missing document to the release with updateRelease, or change the document that names it and add that one.',
  ),
  inRollback: keepInRollback,
  override: null,
  find: (input) =>
    findInDependents(input, (from, state, concerns) => {
      const { site } = from.ref;
      const named = input
        .kindOf(from.ref.kind)
        .references(from.body)
        .filter((reference) => 'key' in reference);
      const where = site === ALL_SITES ? 'for all sites' : `on ${site} or for all sites`;
      return named
        .filter((reference) => concerns(reference) && !state.resolve(site, reference))
        .map(({ kind, key, path }) => {
          const target = `${kind} ${JSON.stringify(key)} ${where}`;
          return {
            message: `${formatRef(from.ref)} ${path}: there is no live ${target}`,
            concerns: [from],
            path,
            problem: new FieldProblem(path, 'UNKNOWN_REFERENCE', `there is no ${target}`),
          };
        });
    }),
};
