/** What reads from Redis: edges and every other consumer of the published artefacts. */
export const ARTEFACTS = 'artefacts';

/** Something besides Redis that is brought up to what landed. */
export interface DeliveryTarget {
  readonly name: string;
  /**
   * @returns the newest seq that it has now
   * @throws when it could not be reached; the delivery is tried again
   */
  bringUp(environment: string): Promise<number>;
}

/** Injection token of the names of all delivery targets: each gets its own outbox row per message, and so its own jobs and retries. */
export const DELIVERY_TARGETS = Symbol('delivery targets');
