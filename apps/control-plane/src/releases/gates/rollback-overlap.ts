import type { GateDescription } from './gate.js';

/** Found by a rollback before it has a plan: later releases changed one of its documents. */
export const rollbackOverlap: GateDescription = {
  code: 'OVERLAP',
  title: 'A later release changed the document again',
  appears: 'rollbackRelease without keep would undo what a later release changed in one of the documents.',
  appliesTo: 'ALL',
  severity: 'ERROR',
  subject: 'RELEASE',
  refusesSchedule: false,
  resolution: {
    mutation: 'rollbackRelease',
    hint: 'Send rollbackRelease again with keep: the ids of the documents that stay as they are, or an empty list to revert all.',
  },
  override: null,
  exceptions: 'A rollback that says in keep which documents stay.',
};

/** Found by a rollback before it has a plan: no document would return to anything else. */
export const nothingToRollBack: GateDescription = {
  code: 'NOTHING_TO_ROLL_BACK',
  title: 'Nothing would return',
  appears: 'Every document of the release is as it was before the release, or is named in keep.',
  appliesTo: 'ALL',
  severity: 'ERROR',
  subject: 'RELEASE',
  refusesSchedule: false,
  resolution: null,
  override: null,
};
