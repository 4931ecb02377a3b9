import type { Audience, DocumentRef, Json, KindName, Schedule } from '@paddock/contracts';
import type { Destination } from '@paddock/outbound';
import type { FieldProblem } from '../graphql/problems.js';

/**
 * The interface between the engine and a kind of config. The engine knows no kind: each kind registers itself (see
 * {@link CONFIG_KINDS}), and all functions are pure.
 */
export interface ConfigKind<Body extends object = object> {
  readonly name: KindName;
  /** Counts up with every change of shape that old bodies do not fit. */
  readonly schemaVersion: number;
  /**
   * Checks a body alone and returns the stored form: only known fields, without absent ones. Paths of problems start
   * below the body: `cta.href`.
   */
  parse(input: unknown): ParsedBody<Body>;
  /** Its documents apply to all sites; a document for a single site is refused. */
  readonly siteless?: true;
  /** Maximum length of a key, where a name that contains the key limits it. */
  readonly longestKey?: number;
  /** Its documents refer to each other: a plan must see the whole chain, not only direct references. */
  readonly dependsOnOwnKind?: true;
  /** For kinds with {@link dependsOnOwnKind} whose checks depend on indirect targets: a change of those is checked too. */
  readonly revalidatesDependents?: true;
  /**
   * Addresses that services connect to because of a body, and the group of policies for them. Absent: none. `of` may
   * receive an invalid body.
   */
  readonly destinations?: { readonly policy: 'feeds' | 'upstreams'; of(body: unknown): readonly Destination[] };
  /** A body without credentials, which bodies of older versions may hold and `parse` now refuses. Absent: bodies of the kind hold none. */
  withoutSecrets?(body: Body): Body;
  /** A stored body with the spelling of the API, for differences. Set by the registry in processes with an API. */
  inApiSpelling?(body: { [name: string]: Json }): { [name: string]: Json };
  /** Label for lists and search. */
  label(body: Body): string;
  /** The key that a document must have, where its body names itself. Absent: any. */
  keyOf?(body: Body): string;
  /** Its references to other documents. */
  references(body: Body): Reference[];
  /**
   * Checks a body against its targets, in their state after a release; the engine reports missing targets. `key` is
   * the document's own key.
   */
  checkAgainst(body: Body, resolve: (reference: NamedReference) => object | undefined, key: string): FieldProblem[];
  /** Problems of a change to a live body, for a FORWARD release. Absent: every change is allowed. */
  checkChange?(live: Body, next: Body): FieldProblem[];
  /**
   * Contradictions to bodies that were live earlier, for a FORWARD release; {@link checkChange} judges the live body.
   * Absent: earlier bodies do not matter.
   */
  checkHistory?(landed: readonly Body[], live: Body | undefined, next: Body): FieldProblem[];
  /** Its audiences and places, for the impact of a change. */
  reach(body: Body): Reach;
  /** On a site, the site's own document of the same key replaces the one for all sites. */
  readonly replacedBySite?: true;
  /** The parts that visitors see, each with its audience and schedule. Absent: visitors see nothing of the kind. */
  placements?(body: Body): Placement[];
  /**
   * Whether every visitor sees at most what they saw before the change. `undefined` stands for no document. Such a
   * change passes a freeze window. Absent: no change of the kind passes.
   */
  onlyHides?(live: Body | undefined, next: Body | undefined): boolean;
  /** The name of a claim in messages. Absent: its text in {@link Reach.claims}. */
  claimed?(body: Body, claim: string): string;
  /** Whether two documents with the same claim may both be live. Absent: never. */
  mayCoexist?(one: Body, other: Body): boolean;
  /** The reason why two documents with the same claim, on one site or on all, cannot both be live. Absent: they can. */
  contradiction?(one: PlacedBody<Body>, other: PlacedBody<Body>): string | undefined;
}

/** A part of a document that visitors see, or a rule about it. */
export interface Placement {
  /** Path of the object with its `audience` and `schedule`; empty for the body itself. */
  path: string;
  /** Absent: all visitors. */
  audience?: Audience;
  /** Absent: always. */
  schedule?: Schedule;
}

/** A body with the reference of its document. */
export interface PlacedBody<Body> {
  readonly ref: DocumentRef;
  readonly body: Body;
}

export type ParsedBody<Body> = { ok: true; body: Body } | { ok: false; problems: FieldProblem[] };

/** A document by kind and key, looked up on the referring document's site first and then among those for all sites. */
export interface NamedReference {
  kind: KindName;
  key: string;
  /** Its path in the body: `slots[0].items[2].promo`. */
  path: string;
}

/** All documents of a kind that carry a tag; there may be no such document. */
export interface TagReference {
  kind: KindName;
  tag: string;
  path: string;
}

export type Reference = NamedReference | TagReference;

export interface Reach {
  /** Audiences that see it or parts of it; empty where all visitors see it. */
  audiences: Audience[];
  /** Tags by which others may choose it. */
  tags: string[];
  /** Slots of a page that it fills; only layouts have them. */
  places: { page: string; slot: string; targets: Reference[] }[];
  /** Values that must be unique per site among live documents of this kind, such as a layout's page: `page:home`. */
  claims: string[];
}

/** The code of a problem by which a kind refuses a credential that stands literally in a body. */
export const LITERAL_SECRET = 'LITERAL_SECRET';

/** Injection token of every registered {@link ConfigKind}. */
export const CONFIG_KINDS = Symbol('config kinds');
