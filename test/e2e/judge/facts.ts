/** A release that landed, and how many audit rows say so. */
export interface LandedRelease {
  readonly id: string;
  readonly seq: number;
  readonly title: string;
  readonly audited: number;
}

/** Where one environment stands by MySQL. */
export interface EnvironmentFacts {
  readonly name: string;
  readonly headSeq: number;
  readonly stateHash: string;
  /** The state hash to which the history of release items leads. */
  readonly stateHashOfHistory: string;
  readonly landed: readonly LandedRelease[];
}

/** A release by the idempotency key with which it was asked for. */
export interface KeyFacts {
  readonly key: string;
  readonly releaseId: string;
  readonly seq: number;
  readonly title: string;
}

/** The production documents of an edge, as `kind/site/key` → hash and body. */
export interface EdgeFacts {
  readonly edge: number;
  readonly documents: Readonly<Record<string, { sha256: string; body: string }>>;
}

/** The facts in MySQL, the edges and the queues, once everything runs again. */
export interface Facts {
  readonly environments: readonly EnvironmentFacts[];
  readonly keys: readonly KeyFacts[];
  /** The first fault in the chain of audit rows; undefined when it verifies. */
  readonly brokenAudit: string | undefined;
  /** The live documents of production by MySQL, as edges should hold them. */
  readonly live: EdgeFacts['documents'];
  readonly edges: readonly EdgeFacts[];
  /** The titles of the twins in production by MySQL, at each seq that readers saw. */
  readonly titlesAt: ReadonlyMap<number, readonly string[]>;
  readonly failedJobs: readonly { queue: string; id: string; reason: string }[];
}
