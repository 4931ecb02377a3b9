import { randomBytes } from 'node:crypto';
import { Injectable } from '@nestjs/common';
import { v7 as uuidv7 } from 'uuid';
import { EMPTY_STATE } from '@paddock/contracts';
import { crashPoint } from '@paddock/runtime';
import { SYSTEM } from '../access/actor.js';
import { UserRow } from '../access/access.entity.js';
import { Users } from '../access/users/users.js';
import { Database } from '../database/database.js';
import { EnvironmentRow } from '../releases/release.entity.js';
import { ClientKeys } from '../sites/client-keys.js';
import { SiteRow } from '../sites/site.entity.js';
import { SampleHomepage } from './sample-homepage.js';
import { SAMPLE_SITES } from './sample-site.js';

/** What the first administrator and the first frontend sign in with; shown once. */
export interface SeededCredentials {
  signIn: { email: string; password: string };
  clientKey: string;
}

/** Fills an empty installation through the same services that people use, so that it starts with real releases. */
@Injectable()
export class Seed {
  constructor(
    private readonly db: Database,
    private readonly users: Users,
    private readonly clientKeys: ClientKeys,
    private readonly homepage: SampleHomepage,
  ) {}

  /**
   * @param keep puts the credentials where they will be found; called before the administrator exists, so that its
   * password is never lost
   * @returns whether it seeded, or `false` where the installation has users already
   */
  async run(keep: (credentials: SeededCredentials) => Promise<void>): Promise<boolean> {
    if (await this.db.manager.existsBy(UserRow, {})) return false;
    await this.db.tx(async (tx) => {
      const createdAt = new Date();
      await tx.upsert(
        SiteRow,
        SAMPLE_SITES.map((site) => ({ ...site, createdAt })),
        ['key'],
      );
      for (const name of ['staging', 'production']) {
        if (await tx.existsBy(EnvironmentRow, { name })) continue;
        const start = { headSeq: 0, stateHash: EMPTY_STATE, settingsVersion: 0 };
        await tx.insert(EnvironmentRow, { name, epoch: uuidv7(), ...start, anonymousReads: true, createdAt });
      }
    });
    await this.homepage.publish(SYSTEM);
    const { secret: clientKey } = await this.clientKeys.create(SYSTEM, {
      ...{ environment: 'production', consumer: 'sample-storefront', site: null, jurisdiction: null },
      scopes: ['read', 'sync', 'receipts', 'events'],
    });
    // Last: an installation without users is one whose seeding was cut short, and goes on where it was.
    const signIn = { email: 'admin@acme.example', password: randomBytes(12).toString('base64url') };
    await keep({ signIn, clientKey });
    crashPoint('seed:before-user');
    await this.users.create(SYSTEM, { ...signIn, name: 'Sample administrator', grants: SYSTEM.grants });
    return true;
  }
}
