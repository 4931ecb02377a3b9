import { Injectable } from '@nestjs/common';
import { type EntityManager, IsNull } from 'typeorm';
import type { EnvironmentSettings } from '@paddock/contracts';
import { ClientKeyRow } from '../access/access.entity.js';
import { EnvironmentRow } from '../releases/release.entity.js';
import { SiteRow } from './site.entity.js';

/** What an environment's settings artefact is made of. */
@Injectable()
export class EnvironmentSettingsSource {
  /** The settings as the manager's transaction sees them; always in the same order, so that equal settings give equal bytes. */
  async read(manager: EntityManager, environment: string): Promise<EnvironmentSettings> {
    const row = await manager.findOneByOrFail(EnvironmentRow, { name: environment });
    const sites = await manager.find(SiteRow, { order: { key: 'ASC' } });
    const keys = await manager.find(ClientKeyRow, {
      where: { environment, revokedAt: IsNull() },
      order: { id: 'ASC' },
    });
    return {
      environment,
      version: row.settingsVersion,
      anonymousReads: row.anonymousReads,
      sites: sites.map(({ key, name, jurisdiction, locale }) => ({ key, name, jurisdiction, locale })),
      clientKeys: keys.map(({ id, sha256, consumer, site, jurisdiction, scopes }) => ({
        id,
        sha256,
        consumer,
        site,
        jurisdiction,
        scopes,
      })),
    };
  }
}
