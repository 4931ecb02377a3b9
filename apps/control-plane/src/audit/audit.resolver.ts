import { Args, ArgsType, Field, ID, Int, ObjectType, Query, Resolver } from '@nestjs/graphql';
import { IsOptional } from 'class-validator';
import { Access } from '../access/access.js';
import { EVERYWHERE } from '../access/ability.js';
import type { Actor } from '../access/actor.js';
import { CurrentActor } from '../access/current-actor.js';
import { Requires } from '../access/policy.js';
import { Database } from '../database/database.js';
import { type Connection, connectionOf, ConnectionOf } from '../graphql/connection.js';
import { IsName } from '../graphql/is-name.js';
import { PageArgs } from '../graphql/page-args.js';
import { JsonScalar } from '../graphql/scalars.js';
import { AuditEntryRow } from './audit.entity.js';

@ObjectType({ description: 'One deed in the log.' })
export class AuditEntry {
  @Field(() => Int, { description: 'Gap-free from 1.' }) number: number;
  @Field() at: Date;
  @Field(() => ID, {
    description: 'Id of the user or API token; `system` for the installation itself, `nobody` before sign-in.',
  })
  actor: string;
  @Field({ description: 'Such as `release.published`.' }) action: string;
  @Field() targetType: string;
  @Field(() => ID, { nullable: true }) targetId: string | null;
  @Field(() => JsonScalar) details: unknown;
  @Field(() => String, { nullable: true }) requestId: string | null;
  @Field({ description: 'SHA-256 over the previous hash and everything above.' }) hash: string;

  static of(row: AuditEntryRow): AuditEntry {
    const { number, at, actor, action, targetType, targetId, requestId, hash } = row;
    return Object.assign(new AuditEntry(), {
      ...{ number, at, actor, action, targetType, targetId, requestId, hash },
      details: JSON.parse(row.details) as unknown,
    });
  }
}

@ObjectType()
export class AuditEntryConnection extends ConnectionOf(AuditEntry) {}

@ArgsType()
export class AuditArgs extends PageArgs {
  @Field(() => String, { nullable: true }) @IsOptional() @IsName({ max: 60 }) action?: string | null;
  @Field(() => ID, { nullable: true }) @IsOptional() @IsName({ max: 60 }) actor?: string | null;
  @Field(() => String, { nullable: true }) @IsOptional() @IsName({ max: 40 }) targetType?: string | null;
  @Field(() => ID, { nullable: true }) @IsOptional() @IsName() targetId?: string | null;
}

@Resolver()
export class AuditResolver {
  constructor(
    private readonly db: Database,
    private readonly access: Access,
  ) {}

  @Query(() => AuditEntryConnection, { description: 'Who did what, newest first.' })
  @Requires('audit:read')
  async audit(@CurrentActor() actor: Actor, @Args() args: AuditArgs): Promise<Connection<AuditEntry>> {
    this.access.demand(actor, 'audit:read', EVERYWHERE);
    const query = this.db.manager
      .createQueryBuilder(AuditEntryRow, 'entry')
      .orderBy('entry.number', 'DESC')
      .limit(args.limit);
    for (const filter of ['action', 'actor', 'targetType', 'targetId'] as const) {
      if (args[filter]) query.andWhere(`entry.${filter} = :${filter}`, { [filter]: args[filter] });
    }
    if (args.numberedPosition !== undefined)
      query.andWhere('entry.number < :before', { before: args.numberedPosition });
    return connectionOf(args, await query.getMany(), AuditEntry.of, (row) => row.number);
  }
}
