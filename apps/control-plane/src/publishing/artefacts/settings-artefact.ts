import { Injectable } from '@nestjs/common';
import { canonicalJson, type EnvironmentSettings, sha256Hex } from '@paddock/contracts';
import { Database } from '../../database/database.js';
import { EnvironmentSettingsSource } from '../../sites/environment-settings.js';
import type { Blob } from './artefact-store.js';

/** The settings of an environment as the artefact that consumers read. */
@Injectable()
export class SettingsArtefact {
  constructor(
    private readonly db: Database,
    private readonly source: EnvironmentSettingsSource,
  ) {}

  async read(environment: string): Promise<Blob & { version: number }> {
    // One snapshot: a version that got the content before it would be published as if it were newer.
    const settings: EnvironmentSettings = await this.db.manager.transaction('REPEATABLE READ', (tx) =>
      this.source.read(tx, environment),
    );
    const body = canonicalJson(settings);
    return { version: settings.version, body, sha256: sha256Hex(body) };
  }
}
