import { Args, Context, Field, ObjectType, Query, Resolver } from '@nestjs/graphql';
import { Access } from '../access/access.js';
import type { Actor } from '../access/actor.js';
import { CurrentActor } from '../access/current-actor.js';
import { Requires } from '../access/policy.js';
import { Database } from '../database/database.js';
import { Document, LiveRevision } from '../documents/document.object.js';
import { DocumentLoaders } from '../documents/document-loaders.js';
import { connectionOf, ConnectionOf } from '../graphql/connection.js';
import { FieldProblem, ProblemError, ValidationProblem } from '../graphql/problems.js';
import { RequestScope } from '../graphql/request-scope.js';
import { databaseNow, Environments } from '../releases/environments.js';
import { History } from '../releases/history.js';
import { type LiveDocument, LiveState } from '../releases/live-state.js';
import { StateAtArgs } from './state-at.input.js';
import { type Applied, VisitorState } from './visitor-state.js';

@ObjectType({ description: 'A place on a page.' })
export class SeenPlace {
  @Field({ description: 'Key of the page.' }) page: string;
  @Field(() => String, { nullable: true, description: 'Name of the slot; null for the layout of the page itself.' })
  slot: string | null;
}

@ObjectType({ description: 'A document with the revision that was live of it.' })
export class StateEntry extends LiveRevision {
  @Field(() => Document, { description: 'The document.' }) document: Document;
  @Field(() => [SeenPlace], {
    nullable: true,
    description:
      'Where the visitor saw it: the slots in which a promo stood, the page that a layout made. Null where no visitor was asked for.',
  })
  seenAt: SeenPlace[] | null;
}

@ObjectType()
export class StateEntryConnection extends ConnectionOf(StateEntry) {}

@Resolver()
export class StateAtResolver {
  constructor(
    private readonly db: Database,
    private readonly environments: Environments,
    private readonly history: History,
    private readonly live: LiveState,
    private readonly loaders: DocumentLoaders,
    private readonly access: Access,
    private readonly visitors: VisitorState,
  ) {}

  @Query(() => StateEntryConnection, {
    description:
      'What was live then, of what the caller may read: after a release, or at an instant. For a visitor: what of it ' +
      'applied to them, with schedules as they were at the instant, or when the release landed.',
  })
  @Requires('release:read')
  async stateAt(
    @CurrentActor() actor: Actor,
    @Args() args: StateAtArgs,
    @Context() scope: RequestScope,
  ): Promise<StateEntryConnection> {
    this.access.authorize(actor, 'release:read', { environment: args.environment });
    const entries = await Promise.all(
      (await this.applied(actor, args)).map(async ({ live: row, seenAt }) => {
        const document = await this.loaders.byId.of(scope).load(row.documentId);
        const revision = await this.loaders.revisions.of(scope).load(row);
        if (!document || !revision) throw new Error(`live document ${row.documentId} has no revision ${row.revision}`);
        return Object.assign(new StateEntry(), LiveRevision.of(document, row, revision), {
          document: Document.of(document),
          seenAt: seenAt && seenAt.map((place) => Object.assign(new SeenPlace(), place)),
        });
      }),
    );
    return connectionOf(
      args,
      entries,
      (entry) => entry,
      (entry) => entry.document.id,
    );
  }

  private async applied(
    actor: Actor,
    args: StateAtArgs,
  ): Promise<{ live: LiveDocument; seenAt: Applied['seenAt'] | null }[]> {
    const { environment, kind, site, visitor, position: after, limit } = args;
    const { seq, at } = await this.moment(args);
    if (!visitor) {
      const filter = { reader: actor, ...(kind ? { kind } : {}), ...(site ? { site } : {}) };
      const rows = await this.live.page(this.db.manager, environment, seq, filter, { limit, after });
      return rows.map((live) => ({ live, seenAt: null }));
    }
    const all = await this.visitors.at(actor, environment, seq, at, visitor);
    return all
      .filter(({ live: { ref } }) => (!kind || ref.kind === kind) && (!site || ref.site === site))
      .filter(({ live: { documentId } }) => after === undefined || documentId > after)
      .slice(0, limit);
  }

  /** The seq that is asked about, and the instant at which schedules are read. What is still to come is refused: it is not known. */
  private async moment({ environment, seq, at }: StateAtArgs): Promise<{ seq: number; at: Date }> {
    const { headSeq, createdAt } = await this.environments.findOrThrow(this.db.manager, environment);
    if (typeof seq === 'number' && at) refuse('at', 'CONTRADICTION', 'send either seq or at, not both');
    if (typeof seq === 'number') {
      if (seq > headSeq)
        refuse('seq', 'NOT_LANDED', `release ${seq} has not landed; the newest of ${environment} is ${headSeq}`);
      return { seq, at: (await this.history.landedAt(environment, seq)) ?? createdAt };
    }
    const now = await databaseNow(this.db.manager);
    if (!at) return { seq: headSeq, at: now };
    if (at > now)
      refuse(
        'at',
        'IN_FUTURE',
        `${at.toISOString()} is still to come; it is ${now.toISOString()}, and later releases may change it`,
      );
    if (at < createdAt)
      refuse(
        'at',
        'BEFORE_ENVIRONMENT',
        `${environment} exists since ${createdAt.toISOString()}; nothing is known of ${at.toISOString()}`,
      );
    return { seq: await this.history.seqAt(environment, at), at };
  }
}

function refuse(field: string, code: string, message: string): never {
  throw new ProblemError(new ValidationProblem([new FieldProblem(field, code, message)]));
}
