import type { KindName } from '@paddock/contracts';

/** What has a stored body. The resolver of its `body` lives with the kinds. */
export abstract class Stored {
  kind: KindName;
  /** Canonical JSON. */
  stored: string;
}
