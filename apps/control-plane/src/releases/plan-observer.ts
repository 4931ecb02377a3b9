/** A value that some {@link PlanObserver} saw, under the observation that it belongs to. */
export interface Observed<Seen = unknown> {
  readonly observation: Observation<Seen>;
  readonly seen: Seen;
}

/**
 * Names what an observer sees and gates judge by. The value travels in the input of a plan, so gates stay pure:
 * `const markets = knownMarkets.of(input)`.
 */
export class Observation<Seen> {
  /** @param name for people who debug */
  constructor(readonly name: string) {}

  /** What was seen, for the input of a plan. */
  with(seen: Seen): Observed<Seen> {
    return { observation: this, seen };
  }

  /** What was seen for a plan; `undefined` where its observer is not part of the process. */
  of({ observed = [] }: { readonly observed?: readonly Observed[] | undefined }): Seen | undefined {
    return observed.find((one): one is Observed<Seen> => one.observation === this)?.seen;
  }
}

/**
 * Looks at what stands outside the database, such as the markets of the moment, for gates to judge by. A plan is computed
 * again within the landing transaction, which must not wait for a network, so an observer looks before it begins. Every
 * provider of an application that extends this class is asked: any number of modules may have one.
 */
export abstract class PlanObserver<Seen = unknown> {
  /** Looks at what some releases concern, unless it did so recently. Never throws: what it cannot see is not judged. */
  abstract look(releaseIds: readonly string[]): Promise<void>;

  /** What the last look saw that a plan needs. @param releaseId empty for a draft that no release pins */
  abstract observed(releaseId: string): Observed<Seen>;
}
