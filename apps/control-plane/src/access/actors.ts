import { Injectable } from '@nestjs/common';
import { In } from 'typeorm';
import { Database } from '../database/database.js';
import { contains } from './ability.js';
import { ApiTokenRow, GrantRow, UserRow } from './access.entity.js';
import { type Actor, type Grant, SYSTEM } from './actor.js';

type KnownUser = Pick<UserRow, 'id' | 'email' | 'active'>;

/** Builds actors with the grants that they have now. */
@Injectable()
export class Actors {
  constructor(private readonly db: Database) {}

  /**
   * The actor of an action that runs later on behalf of a user, such as a schedule. `undefined` for one who was
   * deactivated, revoked or expired since.
   */
  async byId(id: string): Promise<Actor | undefined> {
    if (id === SYSTEM.id) return SYSTEM;
    const user = await this.user(id);
    if (user) return this.ofUser(user);
    const token = await this.db.manager.findOneBy(ApiTokenRow, { id });
    return token ? this.ofToken(token) : undefined;
  }

  async ofUser(user: KnownUser): Promise<Actor | undefined> {
    if (!user.active) return undefined;
    const grants = await this.grants([user.id]);
    return { id: user.id, type: 'USER', name: user.email, grants: grants.get(user.id) ?? [] };
  }

  /** A token may never do more than its creator may now. */
  async ofToken(token: ApiTokenRow, now = new Date()): Promise<Actor | undefined> {
    if (token.revokedAt || token.expiresAt <= now) return undefined;
    const creator = await this.user(token.createdBy);
    if (!creator?.active) return undefined;
    const grants = await this.grants([token.id, creator.id]);
    const limits = grants.get(creator.id) ?? [];
    const kept = (grants.get(token.id) ?? []).filter((grant) => contains(limits, grant));
    return { id: token.id, type: 'TOKEN', name: `API token ${JSON.stringify(token.name)}`, grants: kept };
  }

  /** Without the hash of the password: the worker, which acts in people's names as well, may not read it. */
  private user(id: string): Promise<KnownUser | null> {
    return this.db.manager.findOne(UserRow, { where: { id }, select: { id: true, email: true, active: true } });
  }

  /** By holder. */
  async grants(holderIds: readonly string[]): Promise<Map<string, Grant[]>> {
    const rows = await this.db.manager.find(GrantRow, {
      where: { holderId: In([...holderIds]) },
      order: { id: 'ASC' },
    });
    return Map.groupBy(rows, (row) => row.holderId);
  }
}
