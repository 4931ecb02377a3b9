import { Inject, Injectable } from '@nestjs/common';
import { LOGGER, type Logger } from '../../process.js';
import { FailureLog } from '../failure-log.js';
import type { ConsumerInstance } from './consumers.object.js';
import { Consumers, standingOf } from './consumers.js';
import { untilClosed, type Watch } from './watch.js';
import { Watches } from './watches.js';

/** Changes of consumer instances. The stream survives outages of MySQL and Redis: missed changes follow afterwards. */
@Injectable()
export class ConsumerStream {
  private readonly failures: FailureLog;

  constructor(
    private readonly consumers: Consumers,
    private readonly watches: Watches,
    @Inject(LOGGER) logger: Logger,
  ) {
    this.failures = new FailureLog(logger, 'reads of consumers for subscriptions');
  }

  /** Every instance that appears or changes from now on. */
  async changes(environment: string): Promise<AsyncIterableIterator<ConsumerInstance>> {
    const known = new Map((await this.consumers.all(environment)).map((one) => [nameOf(one), standingOf(one)]));
    const watch = this.watches.open(environment);
    return untilClosed(watch, this.changed(environment, known, watch));
  }

  private async *changed(
    environment: string,
    known: Map<string, string>,
    watch: Watch,
  ): AsyncGenerator<ConsumerInstance, void> {
    try {
      while (await watch.next()) {
        const instances = await this.failures.run(() => this.consumers.all(environment));
        for (const instance of instances ?? []) {
          const standing = standingOf(instance);
          if (known.get(nameOf(instance)) === standing) continue;
          known.set(nameOf(instance), standing);
          yield instance;
        }
      }
    } finally {
      watch.close();
    }
  }
}

const nameOf = ({ consumer, instance }: ConsumerInstance): string => `${consumer} ${instance}`;
