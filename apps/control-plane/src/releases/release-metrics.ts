import { Inject, Injectable } from '@nestjs/common';
import { Counter, type Registry } from '@paddock/runtime';
import { METRICS } from '../process.js';
import type { ReleaseRow } from './release.entity.js';

/** Counts landings: in the control plane publishes and rollbacks by people, in the worker scheduled releases. */
@Injectable()
export class ReleaseMetrics {
  private readonly releases: Counter<'environment' | 'type'>;

  constructor(@Inject(METRICS) registry: Registry) {
    this.releases = new Counter({
      name: 'paddock_releases_landed_total',
      help: 'Releases that landed by this process, by type: FORWARD, ROLLBACK or AUTO_ROLLBACK',
      labelNames: ['environment', 'type'],
      registers: [registry],
    });
  }

  landed({ environment, type }: Pick<ReleaseRow, 'environment' | 'type'>): void {
    this.releases.inc({ environment, type });
  }
}
