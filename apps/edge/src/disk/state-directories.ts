import { readdir } from 'node:fs/promises';
import { join } from 'node:path';
import type { Logger } from '@paddock/runtime';
import type { BodyCache } from '../state/body-cache.js';
import type { Environments } from '../state/environments.js';
import { StateDirectory } from './state-directory.js';

/** One state directory per environment, below the one of the instance. */
export class StateDirectories {
  readonly byEnvironment = new Map<string, StateDirectory>();

  constructor(
    private readonly root: string,
    private readonly logger: Logger,
  ) {}

  of(environment: string): StateDirectory {
    let directory = this.byEnvironment.get(environment);
    if (!directory) {
      // Names come from Redis: whatever could lead elsewhere is written so that it cannot.
      directory = new StateDirectory(
        join(this.root, 'environments', encodeURIComponent(environment).replaceAll('.', '%2E')),
        this.logger,
      );
      this.byEnvironment.set(environment, directory);
    }
    return directory;
  }

  /**
   * Brings back every environment that the disk knows. One whose state cannot be used is known all the same, so that
   * readiness can say that it is not served.
   */
  async recover(environments: Environments, cache: BodyCache, only: readonly string[]): Promise<void> {
    const names = await readdir(join(this.root, 'environments')).catch(() => []);
    for (const name of names.map(decodeURIComponent)) {
      if (only.length > 0 && !only.includes(name)) continue;
      const recovered = await this.of(name).recover(name, { arena: environments.arena, cache });
      const environment = environments.add(name);
      if (!recovered) {
        const { problem } = this.of(name);
        this.logger.error(
          { environment: name, problem },
          'the state on disk cannot be used; the environment is not served until Redis is read',
        );
        continue;
      }
      environment.replace(recovered.state, recovered.settings, recovered.recent);
      environment.noteRefused(recovered.recent.map(({ change }) => change));
      const { seq } = recovered.state.position;
      this.logger.info({ environment: name, seq, documents: recovered.state.size }, 'state brought back from disk');
    }
  }

  async close(): Promise<void> {
    await Promise.all([...this.byEnvironment.values()].map((directory) => directory.close()));
  }
}
