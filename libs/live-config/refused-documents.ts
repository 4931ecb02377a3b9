import { type AnyRef, formatRef } from '@paddock/contracts';
import type { ConfigDocument, ConfigPosition, ConfigState } from './config-state.js';

/** Thrown by a consumer that cannot take a state over because of some of its documents: why, by `formatRef`. */
export class RefusedDocuments extends Error {
  constructor(readonly reasons: ReadonlyMap<string, string>) {
    super([...reasons.values()].join('; '));
  }
}

/** A live document that a consumer leaves out, or keeps in an earlier version. */
export interface Refusal {
  /** The version that is refused. */
  readonly document: ConfigDocument;
  readonly reason: string;
  /** The last good version, which stays in force; absent where none is known, or it can no longer be used. */
  readonly instead?: ConfigDocument;
  /** The release that brought it, where that is known. */
  readonly seq?: number;
}

/** By `formatRef`. */
export type Refusals = ReadonlyMap<string, Refusal>;

/** A state, its refused documents, and the newest position without a refused document. */
export interface TakenState {
  readonly state: ConfigState;
  readonly refusals: Refusals;
  /** Absent where every release so far brought a refused document. */
  readonly proved?: ConfigPosition;
}

/** What is in force: the live documents, and of the refused ones the last good version. */
export function documentsInForce(live: ConfigState['documents'], refusals: Refusals): ConfigState['documents'] {
  const inForce = new Map(live);
  for (const [name, { instead }] of refusals) {
    if (instead) inForce.set(name, instead);
    else inForce.delete(name);
  }
  return inForce;
}

/** Takes over a state, all of it or nothing. */
export type Apply = (state: ConfigState) => void | Promise<void>;

/**
 * Takes over as much of a state as can be: of a document that is refused the version that is in force stays, and where
 * that one does not fit either (it may rest upon another one that changed), the document is left out. Each attempt gives
 * up at least one version, so it ends.
 * @param inForce what was in force before
 * @returns what is refused
 * @throws what `apply` throws for other reasons: then the state before holds
 */
export async function takeOver(next: ConfigState, inForce: ConfigState['documents'], apply: Apply): Promise<Refusals> {
  const refusals = new Map<string, Refusal>();
  for (;;) {
    try {
      await apply({ ...next, documents: documentsInForce(next.documents, refusals) });
      return refusals;
    } catch (error) {
      if (!(error instanceof RefusedDocuments) || !giveUp(refusals, error, next, inForce)) throw error;
    }
  }
}

/** Steps back from each refused version. @returns whether there was anything to step back from */
function giveUp(
  refusals: Map<string, Refusal>,
  { reasons }: RefusedDocuments,
  next: ConfigState,
  inForce: ConfigState['documents'],
): boolean {
  let gaveUp = false;
  for (const [name, reason] of reasons) {
    const document = next.documents.get(name);
    const known = refusals.get(name);
    if (!document || (known && !known.instead)) continue;
    const before = inForce.get(name);
    const isOther = before !== undefined && before.sha256 !== document.sha256;
    const first = { document, reason, ...(isOther ? { instead: before } : {}) };
    refusals.set(name, known ? { document, reason: known.reason } : first);
    gaveUp = true;
  }
  return gaveUp;
}

/** Is exactly this version of the document refused? */
export function refusalOf(
  refusals: Refusals,
  version: AnyRef & { readonly sha256: string | null },
): Refusal | undefined {
  const refusal = refusals.get(formatRef(version));
  return refusal?.document.sha256 === version.sha256 ? refusal : undefined;
}

/** A text for people: the documents, the reasons, and the versions in force instead. `undefined` for none. */
export function describeRefusals(refusals: Iterable<Refusal>): string | undefined {
  const texts = [...refusals].map(({ reason, instead }) =>
    instead ? `${reason} (its last good version holds on)` : reason,
  );
  return texts.length > 0 ? texts.join('; ') : undefined;
}
