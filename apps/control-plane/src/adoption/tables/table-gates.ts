import { ALL_SITES, formatRef } from '@paddock/contracts';
import { adoptionKind } from '../../kinds/adoption/adoption.kind.js';
import type { Found, Gate, GateInput } from '../../releases/gates/gate.js';
import { correctBody } from '../../releases/gates/resolutions.js';
import type { NamedDocument } from '../../releases/plan.js';
import { Observation } from '../../releases/plan-observer.js';
import { unwrittenPaths } from '../mapping/unwritten-paths.js';
import type { Mapping } from './mappings.js';

/** What old tables would do with a release. */
export interface SeenTables {
  /** Mappings of the release that do not fit their tables. */
  readonly misfits: readonly Found[];
  /** Writes that reach further than their mapping accepts. */
  readonly refused: readonly Found[];
  /** What goes along with a write: rows of other tables, as its mapping accepts, and markup that no document has. */
  readonly accepted: readonly Found[];
  /** The mappings that write documents of the release, by document. */
  readonly writers: ReadonlyMap<string, Mapping>;
}

export const seenTables = new Observation<SeenTables>('old tables');

/** A mapping does not fit the table that it adopts. */
export const mappingMisfit: Gate = {
  code: 'INVALID_BODY',
  title: 'A mapping does not fit its table',
  appears: 'The mapping of an adopted table in the release does not fit the columns that the table has.',
  appliesTo: 'FORWARD',
  severity: 'ERROR',
  subject: 'DOCUMENT',
  refusesSchedule: true,
  resolution: correctBody('Correct the field of the mapping that `path` names'),
  override: null,
  find: (input) => ofItems(input, seenTables.of(input)?.misfits),
};

/** A write to an old table reaches further than its mapping accepts. */
export const sideEffect: Gate = {
  code: 'SIDE_EFFECT',
  title: 'A write to an old table reaches further',
  appears:
    'The release would write a row of an adopted table, and the old database would change other rows as well, or its pages would show text that is not escaped.',
  appliesTo: 'FORWARD',
  severity: 'ERROR',
  subject: 'DOCUMENT',
  refusesSchedule: false,
  resolution: {
    mutation: 'saveDraft',
    hint: 'Name the table or the column in `accepts` of the mapping with saveDraft and publish the mapping, or change the rows in the old back office first. The message says which of the two is possible.',
  },
  override: null,
  exceptions: 'Side effects that the mapping lists in `accepts`.',
  find: (input) => ofItems(input, seenTables.of(input)?.refused),
};

/** A write to an old table reaches further, as its mapping accepts. */
export const acceptedSideEffect: Gate = {
  code: 'SIDE_EFFECT',
  title: 'A write to an old table reaches further, as its mapping accepts',
  appears: 'Rows of other tables, or markup that no document has, go along with a write that the mapping accepts.',
  appliesTo: 'ALL',
  severity: 'WARNING',
  subject: 'DOCUMENT',
  refusesSchedule: false,
  resolution: null,
  override: null,
  find: (input) => ofItems(input, seenTables.of(input)?.accepted),
};

/** A change stays out of the old table, because no column is written for it. */
export const notWrittenBack: Gate = {
  code: 'NOT_WRITTEN_BACK',
  title: 'An old table has no column for a change',
  appears: 'A field changes for which the mapping of the adopted table writes no column.',
  appliesTo: 'ALL',
  severity: 'WARNING',
  subject: 'DOCUMENT',
  refusesSchedule: false,
  resolution: correctBody('Map the field to a column'),
  override: null,
  find(input) {
    const writers = seenTables.of(input)?.writers;
    return input.items.flatMap(({ documentId, ref, pinned, live }) => {
      const mapping = writers?.get(documentId);
      if (!mapping || !pinned) return [];
      return unwrittenPaths(mapping.body, live?.body, pinned.body).map((path) => ({
        message: `${formatRef(ref)} ${path}: no column of ${mapping.body.table} is written for it; the old table keeps what it has`,
        concerns: [{ documentId, ref }, nameOfMapping(mapping)],
        path,
      }));
    });
  },
};

/** What was seen of documents that the release still has. */
function ofItems({ items }: GateInput, found: readonly Found[] = []): Found[] {
  const ids = new Set(items.map(({ documentId }) => documentId));
  return found.filter(({ concerns: [about] }) => about !== undefined && ids.has(about.documentId));
}

/** What the document of a mapping is called. */
export function nameOfMapping({ id, key }: Pick<Mapping, 'id' | 'key'>): NamedDocument {
  return { documentId: id, ref: { kind: adoptionKind.name, site: ALL_SITES, key } };
}
