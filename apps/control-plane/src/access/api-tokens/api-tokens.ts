import { Injectable } from '@nestjs/common';
import type { EntityManager, SelectQueryBuilder } from 'typeorm';
import { v7 as uuidv7 } from 'uuid';
import { Audit } from '../../audit/audit.js';
import { Database } from '../../database/database.js';
import {
  FieldProblem,
  ForbiddenProblem,
  NotFoundProblem,
  ProblemError,
  ValidationProblem,
} from '../../graphql/problems.js';
import { Access } from '../access.js';
import { ApiTokenRow } from '../access.entity.js';
import { contains, EVERYWHERE } from '../ability.js';
import type { Actor, Grant } from '../actor.js';
import { newApiToken } from '../credential.js';
import { Grants } from '../users/grants.js';

/** How long a token may live at most. */
export const MAX_LIFETIME_DAYS = 366;

export interface NewApiToken {
  name: string;
  grants: readonly Grant[];
  expiresAt: Date;
}

/** Tokens for programs: each with grants of its own, never more than its creator's. */
@Injectable()
export class ApiTokens {
  constructor(
    private readonly db: Database,
    private readonly access: Access,
    private readonly grants: Grants,
    private readonly audit: Audit,
  ) {}

  /** @returns the row, and the token itself, which is shown once and stored nowhere */
  async create(actor: Actor, { name, grants, expiresAt }: NewApiToken): Promise<{ row: ApiTokenRow; token: string }> {
    if (actor.type === 'TOKEN') throw new ProblemError(new ForbiddenProblem('an API token makes no API tokens'));
    const problems = [...lifetimeProblems(expiresAt), ...grantProblems(actor, grants)];
    if (problems.length > 0) throw new ProblemError(new ValidationProblem(problems));

    const id = uuidv7();
    const { token, sha256 } = newApiToken(id);
    const row = {
      id,
      name,
      secretSha256: sha256,
      createdBy: actor.id,
      createdAt: new Date(),
      expiresAt,
      lastUsedAt: null,
      revokedAt: null,
    };
    await this.db.tx(async (tx) => {
      await tx.insert(ApiTokenRow, row);
      await this.grants.replace(tx, id, grants);
      await this.audit.append(tx, {
        actor,
        action: 'api-token.created',
        targetType: 'api-token',
        targetId: id,
        details: { name, grants, expiresAt: expiresAt.toISOString() },
      });
    });
    return { row, token };
  }

  /** The caller's own token; any token for callers who manage access. */
  async revoke(actor: Actor, id: string): Promise<ApiTokenRow> {
    return this.db.tx(async (tx) => {
      const row = await tx.findOne(ApiTokenRow, { where: { id }, lock: { mode: 'pessimistic_write' } });
      if (!row || !this.mayManage(actor, row))
        throw new ProblemError(new NotFoundProblem(`id: there is no API token ${id}`));
      if (row.revokedAt) return row;
      const revokedAt = new Date();
      await tx.update(ApiTokenRow, { id }, { revokedAt });
      await this.audit.append(tx, {
        actor,
        action: 'api-token.revoked',
        targetType: 'api-token',
        targetId: id,
        details: { name: row.name },
      });
      return { ...row, revokedAt };
    });
  }

  /** The caller's own tokens, newest first; all tokens for callers who manage access. */
  /** A query for the tokens, as `token`, that the actor may see. */
  readable(actor: Actor, manager: EntityManager): SelectQueryBuilder<ApiTokenRow> {
    const query = manager.createQueryBuilder(ApiTokenRow, 'token').where('1 = 1');
    if (!this.access.may(actor, 'access:manage', EVERYWHERE))
      query.andWhere('token.createdBy = :creator', { creator: actor.id });
    return query;
  }

  private mayManage(actor: Actor, row: ApiTokenRow): boolean {
    return row.createdBy === actor.id || row.id === actor.id || this.access.may(actor, 'access:manage', EVERYWHERE);
  }
}

function lifetimeProblems(expiresAt: Date): FieldProblem[] {
  const days = (expiresAt.getTime() - Date.now()) / 86_400_000;
  if (days > 0 && days <= MAX_LIFETIME_DAYS) return [];
  return [
    new FieldProblem('expiresAt', 'OUT_OF_RANGE', `must lie in the future, at most ${MAX_LIFETIME_DAYS} days from now`),
  ];
}

function grantProblems(actor: Actor, grants: readonly Grant[]): FieldProblem[] {
  return grants.flatMap((grant, index) => {
    if (contains(actor.grants, grant)) return [];
    const what = `${grant.role} over kind ${grant.kind}, environment ${grant.environment}, site ${grant.site}`;
    return [new FieldProblem(`grants[${index}]`, 'EXCEEDS_CREATOR', `${what} is more than its creator has`)];
  });
}
