import type { Redis } from 'ioredis';
import { decodeSettings } from '#contracts';
import { RedisSource } from '#live-config';
import type { Logger } from '#runtime';
import { failFastConnection } from '#tasks';

/** Where the settings of an environment are read, and how often it is looked whether they are others. */
export interface ClientKeyWatchOptions {
  redis: { url: URL; prefix: string };
  environment: string;
  pollMs: number;
  logger: Logger;
}

/**
 * Keeps the producers at what the environment's client keys say: whoever has the scope `events` may send, under the
 * name of the key's consumer. While Redis is away the keys of before hold; nothing can be taken into the log then anyway.
 */
export class ClientKeyWatch {
  private readonly connection: Redis;
  private readonly source: RedisSource;
  private readonly timer: NodeJS.Timeout;
  private seen = '';

  /** @param names SHA-256 of a key → producer; `fixed` ones always stand in it */
  constructor(
    private readonly names: Map<string, string>,
    private readonly fixed: ReadonlyMap<string, string>,
    private readonly options: ClientKeyWatchOptions,
  ) {
    const { redis, environment, pollMs, logger } = options;
    this.connection = failFastConnection(redis.url, (error) => logger.debug({ err: error }, 'connection to Redis'));
    this.source = new RedisSource(this.connection, redis.prefix, environment);
    this.connection.on('ready', () => void this.look());
    this.timer = setInterval(() => void this.look(), pollMs);
  }

  close(): void {
    clearInterval(this.timer);
    this.connection.disconnect();
  }

  private async look(): Promise<void> {
    const { logger, environment } = this.options;
    try {
      const head = await this.source.head();
      if (!head || head.settingsSha256 === '' || head.settingsSha256 === this.seen) return;
      const json = await this.source.settings(head.settingsSha256);
      if (json === null) return;
      const { clientKeys } = decodeSettings(JSON.parse(json));
      const senders = clientKeys
        .filter(({ scopes }) => scopes.includes('events'))
        .map(({ sha256, consumer }) => [sha256, consumer] as const);
      this.names.clear();
      for (const [sha256, name] of [...this.fixed, ...senders]) this.names.set(sha256, name);
      this.seen = head.settingsSha256;
      logger.info({ environment, producers: senders.length }, 'producers are those of the client keys');
    } catch (error) {
      logger.debug({ err: error, environment }, 'client keys cannot be read; those of before hold');
    }
  }
}
