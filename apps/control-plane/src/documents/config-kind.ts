import type { Audience, DocumentRef, Json, KindName, Schedule } from '@paddock/contracts';
import type { Destination } from '@paddock/outbound';
import type { FieldProblem } from '../graphql/problems.js';

/**
 * What the engine asks of a kind of config. The engine knows no kind: each one registers such a description of itself
 * (see {@link CONFIG_KINDS}), and everything in it is pure.
 */
export interface ConfigKind<Body extends object = object> {
  readonly name: KindName;
  /** Counts up with every change of shape that old bodies do not fit. */
  readonly schemaVersion: number;
  /**
   * Checks a body by itself and returns it as it is stored: only known fields, absent ones left out.
   * Paths of problems start below the body: `cta.href`.
   */
  parse(input: unknown): ParsedBody<Body>;
  /** Its documents hold for all sites; one for a single site is refused. */
  readonly siteless?: true;
  /** So many characters a key has at most, where what it becomes part of has no room for more. */
  readonly longestKey?: number;
  /** Its documents build upon each other: a plan must see the whole chain, not only the next link. */
  readonly dependsOnOwnKind?: true;
  /** It is {@link dependsOnOwnKind}, and what it is checked against depends on what its targets refer to: a change there is checked too. */
  readonly revalidatesDependents?: true;
  /** Where its bodies make services connect to, and the group of policies that judges it. Absent: nowhere. `of` may meet what is no such body. */
  readonly destinations?: { readonly policy: 'feeds' | 'upstreams'; of(body: unknown): readonly Destination[] };
  /** A body without credentials, which bodies of older versions may hold and `parse` now refuses. Absent: bodies of the kind hold none. */
  withoutSecrets?(body: Body): Body;
  /** A stored body in the words of the API, for differences. Set by the registry where there is an API. */
  inApiSpelling?(body: { [name: string]: Json }): { [name: string]: Json };
  /** What people call it, for lists and search. */
  label(body: Body): string;
  /** The key that a document must have, where its body names itself. Absent: any. */
  keyOf?(body: Body): string;
  /** What it points at. */
  references(body: Body): Reference[];
  /**
   * Checks it against what it points at, as it would be after a release; missing targets are the engine's to report.
   * `key` is its own.
   */
  checkAgainst(body: Body, resolve: (reference: NamedReference) => object | undefined, key: string): FieldProblem[];
  /** Problems of a change to a live body, for a FORWARD release. Absent: every change is allowed. */
  checkChange?(live: Body, next: Body): FieldProblem[];
  /**
   * Contradictions to bodies that were live earlier, for a FORWARD release; {@link checkChange} judges the live body.
   * Absent: earlier bodies do not matter.
   */
  checkHistory?(landed: readonly Body[], live: Body | undefined, next: Body): FieldProblem[];
  /** Whom it addresses and where it stands, for the impact of a change. */
  reach(body: Body): Reach;
  /** A site's own document of the same key stands instead of the one for all sites, everywhere on that site. */
  readonly replacedBySite?: true;
  /** The parts of it that visitors are shown, each with its own audience and schedule. Absent: it is nothing for visitors. */
  placements?(body: Body): Placement[];
  /**
   * Whether every visitor sees at most what they saw before the change. `undefined` stands for no document. Such a
   * change passes a freeze window. Absent: no change of the kind passes.
   */
  onlyHides?(live: Body | undefined, next: Body | undefined): boolean;
  /** What a claim of a body is called in messages. Absent: as it is written in {@link Reach.claims}. */
  claimed?(body: Body, claim: string): string;
  /** May two documents that claim the same be live side by side after all? Absent: never. */
  mayCoexist?(one: Body, other: Body): boolean;
  /** Why two documents that claim the same, on one site or on all, cannot both be live. Absent: they can. */
  contradiction?(one: PlacedBody<Body>, other: PlacedBody<Body>): string | undefined;
}

/** A part of a document that visitors are shown, or a rule about what they are shown. */
export interface Placement {
  /** Where in the body its `audience` and `schedule` stand; empty for the body itself. */
  path: string;
  /** Absent: all visitors. */
  audience?: Audience;
  /** Absent: always. */
  schedule?: Schedule;
}

/** A body with what its document is called. */
export interface PlacedBody<Body> {
  readonly ref: DocumentRef;
  readonly body: Body;
}

export type ParsedBody<Body> = { ok: true; body: Body } | { ok: false; problems: FieldProblem[] };

/** A document by kind and key, looked up on the referring document's site first and then among those for all sites. */
export interface NamedReference {
  kind: KindName;
  key: string;
  /** Where in the body it stands: `slots[0].items[2].promo`. */
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
  /** Places on a page that it fills; only layouts have some. */
  places: { page: string; slot: string; targets: Reference[] }[];
  /** What may exist once per site among live documents of this kind, such as a layout's page: `page:home`. */
  claims: string[];
}

/** The code of a problem by which a kind refuses a credential that stands literally in a body. */
export const LITERAL_SECRET = 'LITERAL_SECRET';

/** Injection token of every registered {@link ConfigKind}. */
export const CONFIG_KINDS = Symbol('config kinds');
