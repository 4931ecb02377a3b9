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
import { Environments } from './environments.js';
import { History } from './history.js';
import { LiveState } from './live-state.js';
import { StateAtArgs } from './release.input.js';

@ObjectType({ description: 'A document with the revision that was live of it.' })
export class StateEntry extends LiveRevision {
  @Field(() => Document) document: Document;
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
  ) {}

  @Query(() => StateEntryConnection, {
    description: 'What was live then, of what the caller may read: after a release, or at an instant.',
  })
  @Requires('release:read')
  async stateAt(
    @CurrentActor() actor: Actor,
    @Args() args: StateAtArgs,
    @Context() scope: RequestScope,
  ): Promise<StateEntryConnection> {
    const { environment, kind, site } = args;
    this.access.demand(actor, 'release:read', { environment });
    const filter = { reader: actor, ...(kind ? { kind } : {}), ...(site ? { site } : {}) };
    const page = { limit: args.limit, after: args.position };
    const rows = await this.live.page(this.db.manager, environment, await this.seqOf(args), filter, page);
    const entries = await Promise.all(
      rows.map(async (row) => {
        const document = await this.loaders.byId.of(scope).load(row.documentId);
        const revision = await this.loaders.revisions.of(scope).load(row);
        if (!document || !revision) throw new Error(`live document ${row.documentId} has no revision ${row.revision}`);
        return Object.assign(new StateEntry(), LiveRevision.of(document, row, revision), {
          document: Document.of(document),
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

  /** A seq that has not landed yet is refused: nobody knows what will be live after it. */
  private async seqOf({ environment, seq, at }: StateAtArgs): Promise<number> {
    const { headSeq } = await this.environments.mustFind(this.db.manager, environment);
    if (typeof seq === 'number' && at) {
      refuse('at', 'CONTRADICTION', 'send either seq or at, not both');
    }
    if (typeof seq === 'number' && seq > headSeq)
      refuse('seq', 'NOT_LANDED', `release ${seq} has not landed; the newest of ${environment} is ${headSeq}`);
    return at ? this.history.seqAt(environment, at) : (seq ?? headSeq);
  }
}

function refuse(field: string, code: string, message: string): never {
  throw new ProblemError(new ValidationProblem([new FieldProblem(field, code, message)]));
}
