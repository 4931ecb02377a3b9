import type { LandedChange } from '#contracts';
import { ReceiptReporter, type RefusedRelease, type ReporterParts } from '#live-config';
import { crashPoint } from '#runtime';
import type { Environment } from '../state/environment.js';
import type { Environments } from '../state/environments.js';
import type { Reporter } from '../sync/synchroniser.js';

/** The name under which edges appear among consumers. */
export const EDGE_CONSUMER = 'edge';

/** What became of releases in the environments of this edge, as receipts. */
export class EdgeReporter implements Reporter {
  private readonly receipts: ReceiptReporter;

  constructor(parts: Omit<ReporterParts, 'consumer' | 'standings'>, environments: Environments) {
    const standings: ReporterParts['standings'] = () =>
      environments
        .all()
        .flatMap(({ name, state, settings }) =>
          state
            ? [{ environment: name, ...state.proved, ...(settings ? { settingsVersion: settings.version } : {}) }]
            : [],
        );
    this.receipts = new ReceiptReporter({ ...parts, consumer: EDGE_CONSUMER, standings });
  }

  start(): void {
    this.receipts.start();
  }

  stop(): void {
    this.receipts.stop();
  }

  applied({ name }: Environment, changes: readonly LandedChange[], at: number, traceparent: string | undefined): void {
    crashPoint('edge:before-receipt');
    this.receipts.applied(name, changes, at, traceparent);
  }

  rejected({ name, state }: Environment, releases: readonly RefusedRelease[], reason: string): void {
    this.receipts.rejected(name, releases, reason, state?.proved.stateHash);
  }

  caughtUp({ name, state }: Environment): void {
    if (state) this.receipts.caughtUp(name, state.position);
  }
}
