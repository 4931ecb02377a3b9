import type { KindName } from '@paddock/contracts';

/** An object with a stored body. The kinds have the resolver of `body`. */
export abstract class Stored {
  kind: KindName;
  /** Canonical JSON. */
  stored: string;
}
