import { ReceiptReporter, type ReporterParts } from '@paddock/live-config';
import type { Environments } from '../state/environments.js';

/** The name under which edges appear among consumers. */
export const EDGE_CONSUMER = 'edge';

/** Sends receipts for all environments of an edge, and heartbeats that say where it stands in each. */
export function edgeReporter(
  parts: Omit<ReporterParts, 'consumer' | 'standings'>,
  environments: Environments,
): ReceiptReporter {
  const standings: ReporterParts['standings'] = () =>
    environments
      .all()
      .flatMap(({ name, state, settings }) =>
        state
          ? [{ environment: name, ...state.proved, ...(settings ? { settingsVersion: settings.version } : {}) }]
          : [],
      );
  return new ReceiptReporter({ ...parts, consumer: EDGE_CONSUMER, standings });
}
