import { artefactKeys, type ClientKeySettings, decodeSettings, sha256Hex } from '#contracts';
import { RedisSource, RedisWatch } from '#live-config';
import type { Logger } from '#runtime';
import { failFastConnection, subscriberConnection } from '#tasks';

export interface ClientKeysWatchOptions {
  readonly environment: string;
  readonly redis: { readonly url: URL; readonly prefix: string };
  readonly pollMs: number;
  readonly logger: Logger;
  readonly apply: (keys: readonly ClientKeySettings[]) => void;
}

/** Follows the client keys in an environment's settings. While Redis is away those known last go on counting. */
export class ClientKeysWatch {
  private readonly source: RedisSource;
  private readonly watch: RedisWatch;
  private seen: string | undefined;
  private failing = false;

  constructor(private readonly options: ClientKeysWatchOptions) {
    const { redis, environment, pollMs, logger } = options;
    const onError = (error: Error): void => logger.debug({ err: error }, 'connection to Redis');
    const reader = failFastConnection(redis.url, onError);
    this.source = new RedisSource(reader, redis.prefix, environment);
    const look = (): Promise<void> => this.look();
    const ended = (error: unknown): void => this.ended(error);
    this.watch = new RedisWatch(
      { reader, subscriber: subscriberConnection(redis.url, onError) },
      { pollMs, look, heard: () => void look().catch(ended), ended },
    );
    this.watch.subscribe(artefactKeys(redis.prefix, environment).notices).catch(ended);
    this.watch.start();
  }

  close(): void {
    this.watch.close();
  }

  private async look(): Promise<void> {
    const head = await this.source.head();
    if (!head || head.settingsSha256 === this.seen) return;
    const json = await this.source.settings(head.settingsSha256);
    // Written before the head that names it: where it is missing or damaged, Redis lost it, and it will be written anew.
    if (json === null || sha256Hex(json) !== head.settingsSha256) return;
    this.options.apply(decodeSettings(JSON.parse(json)).clientKeys);
    this.seen = head.settingsSha256;
  }

  /** Told once per outage. */
  private ended(error: unknown): void {
    if (error !== undefined && !this.failing)
      this.options.logger.warn({ err: error }, 'client keys cannot be read; those known last count');
    this.failing = error !== undefined;
  }
}
