import type { Redis } from 'ioredis';
import { artefactKeys } from '@paddock/contracts';
import { Follower, type FollowerParts, readEnvironments, RedisSource, RedisWatch } from '@paddock/live-config';
import type { Logger } from '@paddock/runtime';
import type { StateDirectory } from '../disk/state-directory.js';
import type { BodyCache } from '../state/body-cache.js';
import { EDGE_CONSUMER } from '../receipts/edge-reporter.js';
import type { Environments } from '../state/environments.js';
import { type EdgeStep, EdgeTarget } from './edge-target.js';

export interface UpstreamOptions {
  prefix: string;
  pollMs: number;
  /** Only these environments; all that there are where it is empty. */
  only: readonly string[];
}

/** What the artefacts are read into. */
export interface UpstreamParts {
  environments: Environments;
  cache: BodyCache;
  directoryOf: (environment: string) => StateDirectory;
  reporter: FollowerParts<EdgeStep>['reporter'];
}

/** Keeps all environments at their heads. */
export class Upstream {
  private readonly followers = new Map<string, Follower<EdgeStep>>();
  private readonly watch: RedisWatch;
  private readonly reader: Redis;
  private closed = false;
  private readonly firstLook = Promise.withResolvers<undefined>();
  /** By environment, and for all of them under the empty name: what was said last. */
  private readonly problems = new Map<string, string>();

  constructor(
    connections: { reader: Redis; subscriber: Redis },
    private readonly parts: UpstreamParts,
    private readonly logger: Logger,
    private readonly options: UpstreamOptions,
  ) {
    this.reader = connections.reader;
    this.watch = new RedisWatch(connections, {
      pollMs: options.pollMs,
      check: () => this.check(),
      heard: (channel) => this.heard(channel),
      ended: (error) => {
        this.note('', error);
        this.firstLook.resolve(undefined);
      },
    });
  }

  /** Begins to follow, from the state on disk. Resolves when every environment was checked once, or could not be. */
  start(): Promise<void> {
    for (const { name } of this.parts.environments.all()) this.follow(name);
    this.watch.start();
    return this.firstLook.promise;
  }

  async close(): Promise<void> {
    this.closed = true;
    this.watch.close();
    await Promise.allSettled([...this.followers.values()].map((follower) => follower.close()));
  }

  private heard(channel: string): void {
    for (const [environment, follower] of this.followers) {
      if (channel === artefactKeys(this.options.prefix, environment).notices)
        void this.pull(environment, () => follower.hear());
    }
  }

  /** One turn of the poll: new environments, and the head of each. */
  private async check(): Promise<void> {
    await this.discover();
    await Promise.all(
      [...this.followers].map(([environment, follower]) => this.pull(environment, () => follower.pull())),
    );
  }

  private async discover(): Promise<void> {
    const { only, prefix } = this.options;
    const names = await readEnvironments(this.reader, prefix);
    for (const name of names) if (only.length === 0 || only.includes(name)) this.follow(name);
    if (names.length > 0) this.parts.environments.complete = true;
  }

  private follow(name: string): void {
    if (this.followers.has(name)) return;
    const source = new RedisSource(this.reader, this.options.prefix, name);
    const { environments, cache, directoryOf, reporter } = this.parts;
    const bodies = { source, arena: environments.arena, cache };
    const { logger } = this;
    const target = new EdgeTarget(environments.add(name), bodies, directoryOf(name), logger);
    this.followers.set(
      name,
      new Follower({ environment: name, consumer: EDGE_CONSUMER, source, target, reporter, logger }),
    );
    this.watch
      .subscribe(artefactKeys(this.options.prefix, name).notices)
      .catch((error: unknown) => this.note(name, error));
  }

  private async pull(environment: string, check: () => Promise<void>): Promise<void> {
    try {
      await check();
      this.note(environment, undefined);
    } catch (error) {
      this.note(environment, error);
    }
  }

  /** Logged once per cause, however often it occurs, and once when it is over. */
  private note(environment: string, error: unknown): void {
    const reason = error === undefined ? undefined : error instanceof Error ? error.message : String(error);
    const known = this.problems.get(environment);
    if (this.closed || known === reason) return;
    if (reason === undefined) {
      this.problems.delete(environment);
      this.logger.info({ environment }, 'upstream can be read again');
    } else {
      this.problems.set(environment, reason);
      this.logger.warn({ err: error, environment }, 'upstream cannot be read; the last good state is served');
    }
  }
}
