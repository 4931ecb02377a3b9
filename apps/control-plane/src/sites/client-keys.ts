import { Injectable } from '@nestjs/common';
import { v7 as uuidv7 } from 'uuid';
import { type ClientKeyScope, isReservedConsumer, RESERVED_CONSUMERS } from '@paddock/contracts';
import { Access } from '../access/access.js';
import { ClientKeyRow } from '../access/access.entity.js';
import { ALL } from '../access/ability.js';
import type { Actor } from '../access/actor.js';
import { newClientKey } from '../access/credential.js';
import { Database } from '../database/database.js';
import { FieldProblem, NotFoundProblem, ProblemError, ValidationProblem } from '../graphql/problems.js';
import { Environments } from '../releases/environments.js';
import { SettingsChanges } from './settings-changes.js';
import { SiteRow } from './site.entity.js';

export interface NewClientKey {
  environment: string;
  consumer: string;
  site: string | null;
  jurisdiction: string | null;
  scopes: ClientKeyScope[];
}

/** What frontends and other consumers show at the edge. */
@Injectable()
export class ClientKeys {
  constructor(
    private readonly db: Database,
    private readonly access: Access,
    private readonly environments: Environments,
    private readonly changes: SettingsChanges,
  ) {}

  /** Those that the actor manages, newest first, revoked ones too. */
  async list(actor: Actor, environment: string): Promise<ClientKeyRow[]> {
    this.access.authorize(actor, 'settings:manage', { environment });
    const rows = await this.db.manager.find(ClientKeyRow, { where: { environment }, order: { id: 'DESC' } });
    return rows.filter((row) => this.access.may(actor, 'settings:manage', placeOf(row)));
  }

  /** @returns the row, and the key itself, which is shown once and stored nowhere */
  async create(actor: Actor, data: NewClientKey): Promise<{ row: ClientKeyRow; secret: string }> {
    this.access.authorize(actor, 'settings:manage', placeOf(data));
    const problems = voiceProblems(data);
    if (problems.length > 0) throw new ProblemError(new ValidationProblem(problems));
    const { secret, sha256 } = newClientKey();
    const row = { ...data, id: uuidv7(), sha256, createdAt: new Date(), revokedAt: null };
    await this.environments.findOrThrow(this.db.manager, data.environment);
    await this.changes.inEnvironment(data.environment, async (tx) => {
      if (data.site !== null && !(await tx.existsBy(SiteRow, { key: data.site }))) {
        throw new ProblemError(
          new ValidationProblem([new FieldProblem('site', 'UNKNOWN_SITE', `there is no site ${data.site}`)]),
        );
      }
      await tx.insert(ClientKeyRow, row);
      const deed = { actor, action: 'client-key.created', targetType: 'client-key', targetId: row.id, details: data };
      return { result: undefined, deed };
    });
    return { row, secret };
  }

  /** Edges refuse it as soon as they have the new settings: within a second or so. */
  async revoke(actor: Actor, id: string): Promise<ClientKeyRow> {
    const row = await this.db.manager.findOneBy(ClientKeyRow, { id });
    if (!row || !this.access.may(actor, 'settings:manage', placeOf(row))) {
      throw new ProblemError(new NotFoundProblem(`id: there is no client key ${id}`));
    }
    if (row.revokedAt) return row;
    const revokedAt = new Date();
    return this.changes.inEnvironment(row.environment, async (tx) => {
      await tx.update(ClientKeyRow, { id }, { revokedAt });
      const details = { environment: row.environment, consumer: row.consumer };
      return {
        result: { ...row, revokedAt },
        deed: { actor, action: 'client-key.revoked', targetType: 'client-key', targetId: id, details },
      };
    });
  }
}

/** What an actor must manage to manage a key: a key without a site reads all of them. */
function placeOf({ environment, site }: { environment: string; site: string | null }) {
  return { kind: ALL, environment, site: site ?? ALL };
}

/** In whose name the holder would speak: never in that of the product's own services, and for an environment only with all its sites. */
function voiceProblems({ consumer, site, scopes }: NewClientKey): FieldProblem[] {
  const reserved = `${JSON.stringify(consumer)} is a name of the product's own services; choose another one than ${RESERVED_CONSUMERS.join(', ')}`;
  const bound = `RECEIPTS speaks for a whole environment, and this key is bound to the site ${JSON.stringify(site)}; leave out RECEIPTS or the site`;
  return [
    ...(isReservedConsumer(consumer) ? [new FieldProblem('consumer', 'RESERVED', reserved)] : []),
    ...(site !== null && scopes.includes('receipts') ? [new FieldProblem('scopes', 'NOT_ALLOWED', bound)] : []),
  ];
}
