import type { GateResolution } from './gate.js';

/** Resolves gates about the body of a document. */
export function correctBody(what: string): GateResolution {
  return {
    mutation: 'saveDraft',
    hint: `${what} in the draft with saveDraft, then pin the new draft with updateRelease.`,
  };
}

/** Resolves gates of a rollback that would break a live document, or not fit one. */
export const keepInRollback: GateResolution = {
  mutation: 'rollbackRelease',
  hint: 'Name the document that would return in keep of rollbackRelease, so that it stays as it is, or change the live document that the message names in a release of its own first.',
};

/** Resolves gates about the documents that a release contains. */
export function changeRelease(what: string): GateResolution {
  return { mutation: 'updateRelease', hint: what };
}
