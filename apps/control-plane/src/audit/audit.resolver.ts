import {
  Args,
  ArgsType,
  Context,
  Field,
  ID,
  Info,
  Int,
  ObjectType,
  Parent,
  Query,
  ResolveField,
  Resolver,
} from '@nestjs/graphql';
import { IsDate, IsOptional } from 'class-validator';
import type { GraphQLResolveInfo } from 'graphql';
import { JsonScalar } from '@paddock/graphql';
import type { Actor } from '../access/actor.js';
import { Author } from '../access/author.object.js';
import { Authors } from '../access/authors.js';
import { CurrentActor } from '../access/current-actor.js';
import { Requires } from '../access/policy.js';
import { Database } from '../database/database.js';
import { type CountedConnection, CountedConnectionOf } from '../graphql/connection.js';
import { IsName } from '../graphql/is-name.js';
import type { Ordering } from '../graphql/lists/keyset.js';
import { ListArgs } from '../graphql/lists/list-args.js';
import { type Order, OrderBy, orderInput } from '../graphql/lists/order.js';
import { inSlice, readList } from '../graphql/lists/read-list.js';
import { isSelected } from '../graphql/lists/selected.js';
import { FieldProblem, ProblemError, ValidationProblem } from '../graphql/problems.js';
import { RequestScope } from '../graphql/request-scope.js';
import { AuditReads, type ReadableEntry } from './audit-reads.js';

@ObjectType({ description: 'Something that was done, as the log has it.' })
export class AuditEntry {
  @Field(() => Int, {
    description: 'Gap-free from 1; numbers that are missing in an answer are entries that the caller may not read.',
  })
  number: number;
  @Field({ description: 'When it was done.' }) at: Date;
  @Field(() => ID, {
    description: 'Id of the user or API token; `system` for the installation itself, `nobody` before sign-in.',
  })
  actor: string;
  @Field({ description: 'For example `release.published`.' }) action: string;
  @Field({ description: 'Type of the target: `document`, `release`, `site`, …' }) targetType: string;
  @Field(() => ID, { nullable: true, description: 'Id or key of the object that was changed.' }) targetId:
    string | null;
  @Field(() => JsonScalar, {
    description:
      'Details of the action. Callers who may not read the whole log see only the details that they may read.',
  })
  details: unknown;
  @Field(() => String, { nullable: true, description: 'Id of the request, for a search in the logs of the processes.' })
  requestId: string | null;
  @Field(() => String, {
    nullable: true,
    description: 'SHA-256 over the previous hash and the entry; null for callers who may not read the whole log.',
  })
  hash: string | null;

  static of({ row, details, whole }: ReadableEntry): AuditEntry {
    const { number, at, actor, action, targetType, targetId, requestId, hash } = row;
    return Object.assign(new AuditEntry(), {
      ...{ number, at, actor, action, targetType, targetId, requestId, details },
      hash: whole ? hash : null,
    });
  }
}

@ObjectType()
export class AuditEntryConnection extends CountedConnectionOf(AuditEntry) {}

const AUDIT_ORDER = { NUMBER: 'The number of the entry, which is the order of time.' } as const;
type AuditOrderField = keyof typeof AUDIT_ORDER;
const AuditOrder = orderInput('Audit', AUDIT_ORDER);

const AUDIT_ORDERING: Ordering<ReadableEntry, AuditOrderField> = {
  fields: { NUMBER: { sql: 'entry.number', type: 'number', of: ({ row }) => row.number } },
  unique: { sql: 'entry.number', type: 'number', of: ({ row }) => row.number },
  uniqueDirection: 'DESC',
  whenAbsent: [],
};

@ArgsType()
export class AuditArgs extends ListArgs {
  @OrderBy(AuditOrder, 'the newest first')
  orderBy?: Order<AuditOrderField>[] | null;

  @Field(() => String, { nullable: true, description: 'Only this action: `draft.saved`.' })
  @IsOptional()
  @IsName({ max: 60 })
  action?: string | null;

  @Field(() => ID, { nullable: true, description: 'Only what this user or API token did.' })
  @IsOptional()
  @IsName({ max: 60 })
  actor?: string | null;

  @Field(() => String, { nullable: true }) @IsOptional() @IsName({ max: 40 }) targetType?: string | null;
  @Field(() => ID, { nullable: true }) @IsOptional() @IsName() targetId?: string | null;

  @Field(() => ID, {
    nullable: true,
    description: 'Only entries about this document, and about releases that pin or remove it.',
  })
  @IsOptional()
  @IsName({ max: 60 })
  document?: string | null;

  @Field(() => ID, { nullable: true, description: 'Only entries about this release.' })
  @IsOptional()
  @IsName({ max: 60 })
  release?: string | null;

  @Field(() => Date, { nullable: true, description: 'Only from this instant on.' })
  @IsOptional()
  @IsDate()
  from?: Date | null;

  @Field(() => Date, { nullable: true, description: 'Only before this instant.' })
  @IsOptional()
  @IsDate()
  to?: Date | null;
}

@Resolver(() => AuditEntry)
export class AuditResolver {
  constructor(
    private readonly db: Database,
    private readonly entries: AuditReads,
    private readonly authors: Authors,
  ) {}

  @Query(() => AuditEntryConnection, {
    description:
      'Who did what, newest first. Administrators of everything read the whole log; others the entries about documents and releases that they may read.',
  })
  @Requires('activity:read')
  async audit(
    @CurrentActor() actor: Actor,
    @Args() args: AuditArgs,
    @Info() info: GraphQLResolveInfo,
  ): Promise<CountedConnection<AuditEntry>> {
    if (args.from && args.to && args.to <= args.from) {
      const message = `must be after from, ${args.from.toISOString()}`;
      throw new ProblemError(new ValidationProblem([new FieldProblem('to', 'OUT_OF_RANGE', message)]));
    }
    return this.db.snapshot((manager) => {
      const query = this.entries.query(actor, args, manager);
      return readList(args, AUDIT_ORDERING, AuditEntry.of, {
        slice: async (slice) => this.entries.shown(actor, await inSlice(query.clone(), slice).getMany()),
        count: isSelected(info, 'totalCount') ? () => query.clone().getCount() : undefined,
      });
    });
  }

  @ResolveField(() => Author, { description: 'Who did it, by name.' })
  author(@Parent() { actor }: AuditEntry, @Context() scope: RequestScope): Promise<Author> {
    return this.authors.byId.of(scope).load(actor);
  }
}
