import { type AnyRef, formatRef, type Head } from '@paddock/contracts';

/** Which head a state is the state of. */
export type ConfigPosition = Pick<Head, 'epoch' | 'seq' | 'stateHash'>;

/** How a document became live. */
export interface Landing {
  /** The release that made it live. */
  readonly seq: number;
  /** The number of its revision. */
  readonly revision: number;
}

/** A live document of a chosen kind. `body` is its JSON, with an unchecked shape. */
export interface ConfigDocument {
  readonly ref: AnyRef;
  readonly sha256: string;
  readonly body: unknown;
  /** Absent where the release that made it live is no longer kept, or is of a version that did not number revisions. */
  readonly landing?: Landing;
}

/** All live documents of the chosen kinds at one position. Never changes: a step makes another one. */
export interface ConfigState {
  readonly position: ConfigPosition;
  /** By `formatRef`. */
  readonly documents: ReadonlyMap<string, ConfigDocument>;
}

/** The documents after changes; `null` stands for a removed document. */
export function withChanges(
  documents: ReadonlyMap<string, ConfigDocument>,
  changes: Iterable<readonly [AnyRef, ConfigDocument | null]>,
): ReadonlyMap<string, ConfigDocument> {
  const next = new Map(documents);
  for (const [ref, document] of changes) {
    if (document) next.set(formatRef(ref), document);
    else next.delete(formatRef(ref));
  }
  return next;
}
