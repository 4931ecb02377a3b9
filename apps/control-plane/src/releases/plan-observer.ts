/** A value that some {@link PlanObserver} saw, under the observation that it belongs to. */
export interface Observed<Seen = unknown> {
  readonly observation: Observation<Seen>;
  readonly seen: Seen;
}

/**
 * Key of the data that an observer collects and gates read. The value travels in the input of a plan, so gates stay
 * pure: `const markets = knownMarkets.of(input)`.
 */
export class Observation<Seen> {
  /** @param name for people who debug */
  constructor(readonly name: string) {}

  /** The observed value, for the input of a plan. */
  with(seen: Seen): Observed<Seen> {
    return { observation: this, seen };
  }

  /** The observed value of a plan; `undefined` where the process does not have the observer. */
  of({ observed = [] }: { readonly observed?: readonly Observed[] | undefined }): Seen | undefined {
    return observed.find((one): one is Observed<Seen> => one.observation === this)?.seen;
  }
}

/**
 * Reads data outside the database for gates, such as the current markets. A plan is computed again within the landing
 * transaction, which must not wait for a network, so an observer runs before the transaction. Every provider that
 * extends this class is called: any number of modules may have one.
 */
export abstract class PlanObserver<Seen = unknown> {
  /** Reads the data that some releases need, unless it is recent. Never throws: gates do not judge missing data. */
  abstract look(releaseIds: readonly string[]): Promise<void>;

  /** The last observation that a plan needs. @param releaseId empty for a draft that no release pins */
  abstract observed(releaseId: string): Observed<Seen>;
}
