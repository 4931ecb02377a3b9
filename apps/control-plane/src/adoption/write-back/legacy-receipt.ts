import type { Receipt } from '@paddock/contracts';
import type { Mapping } from '../tables/mappings.js';
import type { LandedHeader } from './released-documents.js';

/** How receipts call what writes old tables; its instances are the mappings, by their keys. */
export const LEGACY_TABLE = 'legacy-table';

const MAX_ERROR = 480;

/** What a table says of a release, as a receipt like those of other consumers. */
export function receiptOf(
  { key, body }: Mapping,
  { seq, landedAt, stateHash }: LandedHeader,
  { state, error }: { state: Receipt['state']; error?: string },
  now = new Date(),
): Receipt {
  return {
    ...{
      environment: body.environment,
      seq,
      consumer: LEGACY_TABLE,
      instance: key,
      state,
      appliedAt: now.toISOString(),
    },
    ms: Math.max(0, now.getTime() - landedAt.getTime()),
    ...(error === undefined ? { stateHash } : { error: error.slice(0, MAX_ERROR) }),
  };
}
