import { Inject, Injectable } from '@nestjs/common';
import { MoreThan } from 'typeorm';
import { Database } from '../../database/database.js';
import { LOGGER, type Logger } from '../../process.js';
import { ReleaseRow } from '../../releases/release.entity.js';
import { FailureLog } from '../failure-log.js';
import { isSettled, type PropagationState } from './propagation.js';
import { PropagationLoaders } from './propagation-loaders.js';
import { untilClosed, type Watch } from './watch.js';
import { Watches } from './watches.js';

const RELEASES_PER_LOOK = 100;

/** Streams of subscriptions to releases. They survive outages of MySQL and Redis: missed changes follow afterwards. */
@Injectable()
export class PropagationStream {
  private readonly failures: FailureLog;

  constructor(
    private readonly db: Database,
    private readonly loaders: PropagationLoaders,
    private readonly watches: Watches,
    @Inject(LOGGER) logger: Logger,
  ) {
    this.failures = new FailureLog(logger, 'reads for subscriptions');
  }

  /** The propagation of a release: its current state, and every change until it is settled. Empty before the release has landed. */
  propagation({ id, environment }: Pick<ReleaseRow, 'id' | 'environment'>): AsyncIterableIterator<PropagationState> {
    const watch = this.watches.open(environment);
    return untilClosed(watch, this.states(id, watch));
  }

  /** Every release of the environment that lands from now on, in order. */
  landed(environment: string, afterSeq: number): AsyncIterableIterator<ReleaseRow> {
    const watch = this.watches.open(environment);
    return untilClosed(watch, this.landings(environment, afterSeq, watch));
  }

  private async *states(id: string, watch: Watch): AsyncGenerator<PropagationState, void> {
    try {
      let last: string | undefined;
      do {
        const state = await this.failures.run(() => this.read(id));
        const text = JSON.stringify(state);
        if (state && text !== last) yield state;
        if (state && isSettled(state)) return;
        last = text ?? last;
      } while (await watch.next());
    } finally {
      watch.close();
    }
  }

  private async read(id: string): Promise<PropagationState | undefined> {
    const { environment, seq, landedAt } = await this.db.manager.findOneByOrFail(ReleaseRow, { id });
    return seq === null || landedAt === null ? undefined : this.loaders.live.load({ environment, seq, landedAt });
  }

  private async *landings(environment: string, afterSeq: number, watch: Watch): AsyncGenerator<ReleaseRow, void> {
    try {
      let seq = afterSeq;
      do {
        const where = { environment, seq: MoreThan(seq) };
        const rows = await this.failures.run(() =>
          this.db.manager.find(ReleaseRow, { where, order: { seq: 'ASC' }, take: RELEASES_PER_LOOK }),
        );
        for (const row of rows ?? []) {
          seq = row.seq ?? seq;
          yield row;
        }
        if (rows?.length === RELEASES_PER_LOOK) watch.mark();
      } while (await watch.next());
    } finally {
      watch.close();
    }
  }
}
