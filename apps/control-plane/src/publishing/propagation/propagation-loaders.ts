import { Injectable } from '@nestjs/common';
import DataLoader from 'dataloader';
import { PerRequest } from '../../graphql/request-scope.js';
import type { LandedSeq, PropagationState } from './propagation.js';
import { Propagations } from './propagations.js';

/** Subscriptions that wake together are answered from one read. */
const TOGETHER_MS = 5;

/** Batches reads of propagation. */
@Injectable()
export class PropagationLoaders {
  /** Within one operation. */
  readonly perRequest: PerRequest<DataLoader<LandedSeq, PropagationState, string>>;
  /** Across subscriptions; keeps nothing. */
  readonly live: DataLoader<LandedSeq, PropagationState>;

  constructor(propagations: Propagations) {
    const read = (releases: readonly LandedSeq[]) => propagations.of(releases);
    this.perRequest = new PerRequest(
      () => new DataLoader(read, { cacheKeyFn: ({ environment, seq }: LandedSeq) => `${environment} ${seq}` }),
    );
    this.live = new DataLoader(read, {
      cache: false,
      batchScheduleFn: (callback) => setTimeout(callback, TOGETHER_MS),
    });
  }
}
