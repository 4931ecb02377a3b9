import { artefactKeys, decodeSettings, type EnvironmentSettings, type Head, sha256Hex } from '@paddock/contracts';
import type { Logger } from '@paddock/runtime';
import { failFastConnection, subscriberConnection } from '@paddock/tasks';
import { RedisSource } from './redis-source.js';
import { RedisWatch } from './redis-watch.js';

/** Settings under the name by which the head points at them. */
export interface NamedSettings {
  readonly sha256: string;
  readonly settings: EnvironmentSettings;
}

/** The settings in force, and the history in which they were published. */
export interface KnownSettings {
  readonly epoch: string | undefined;
  readonly version: number;
  readonly sha256: string;
}

/** Does the head name settings that are not in force yet? Within one history their version never goes back. */
export function hasNewSettings(
  head: Pick<Head, 'epoch' | 'settingsVersion' | 'settingsSha256'>,
  known: KnownSettings | undefined,
): boolean {
  if (head.settingsSha256 === '' || head.settingsSha256 === known?.sha256) return false;
  return !known || known.epoch !== head.epoch || head.settingsVersion >= known.version;
}

/** Settings that were fetched and checked, or why they cannot be used. */
export type FetchedSettings =
  { readonly ok: true; readonly named: NamedSettings } | { readonly ok: false; readonly reason: string };

/** Fetches an environment's settings by their hash and checks that they are those, whole, and of this environment. */
export async function fetchSettings(
  source: RedisSource,
  environment: string,
  sha256: string,
): Promise<FetchedSettings> {
  const json = await source.settings(sha256);
  if (json === null) return { ok: false, reason: `settings ${sha256} are missing` };
  if (sha256Hex(json) !== sha256)
    return { ok: false, reason: `settings ${sha256} do not have the bytes that their name says` };
  try {
    const settings = decodeSettings(JSON.parse(json));
    if (settings.environment !== environment)
      return { ok: false, reason: `settings ${sha256} are those of ${settings.environment}` };
    return { ok: true, named: { sha256, settings } };
  } catch (error) {
    return { ok: false, reason: error instanceof Error ? error.message : String(error) };
  }
}

/** The environment whose settings are followed, and the callback for them. */
export interface SettingsWatchOptions {
  readonly environment: string;
  readonly redis: { readonly url: URL; readonly prefix: string };
  readonly pollMs: number;
  readonly logger: Logger;
  /** Called with each version that is new, checked and whole. */
  readonly apply: (settings: EnvironmentSettings) => void;
}

/**
 * Follows the settings of one environment, among them its client keys: by notices, and by a poll for lost notices. While
 * Redis is unreachable or its content is damaged, the last applied settings stay in force.
 */
export class EnvironmentSettingsWatch {
  private readonly source: RedisSource;
  private readonly watch: RedisWatch;
  private known: KnownSettings | undefined;
  private problem: string | undefined;

  constructor(private readonly options: SettingsWatchOptions) {
    const { redis, environment, pollMs, logger } = options;
    const onError = (error: Error): void => logger.debug({ err: error }, 'connection to Redis');
    const reader = failFastConnection(redis.url, onError);
    this.source = new RedisSource(reader, redis.prefix, environment);
    const check = (): Promise<void> => this.check();
    const ended = (error: unknown): void => {
      if (error !== undefined) this.note(error instanceof Error ? error.message : String(error));
    };
    this.watch = new RedisWatch(
      { reader, subscriber: subscriberConnection(redis.url, onError) },
      { pollMs, check, heard: () => void check().catch(ended), ended },
    );
    this.watch.subscribe(artefactKeys(redis.prefix, environment).notices).catch(ended);
    this.watch.start();
  }

  close(): void {
    this.watch.close();
  }

  private async check(): Promise<void> {
    const { environment, apply } = this.options;
    const head = await this.source.head();
    if (!head || !hasNewSettings(head, this.known)) return this.note(undefined);
    const fetched = await fetchSettings(this.source, environment, head.settingsSha256);
    // Settings are written before the head that names them. Where they are missing or damaged, they are written again.
    if (!fetched.ok) return this.note(fetched.reason);
    const { settings, sha256 } = fetched.named;
    // A check started by a notice may have overtaken this one.
    if (!hasNewSettings(head, this.known)) return;
    apply(settings);
    this.known = { epoch: head.epoch, version: settings.version, sha256 };
    this.note(undefined);
  }

  /** Logged once per cause. */
  private note(reason: string | undefined): void {
    if (reason !== undefined && reason !== this.problem)
      this.options.logger.warn(
        { environment: this.options.environment, reason },
        'settings cannot be read; those known last stay in force',
      );
    this.problem = reason;
  }
}
