import { Args, Context, ID, Parent, ResolveField, Resolver, Subscription } from '@nestjs/graphql';
import { Access } from '../../access/access.js';
import type { Actor } from '../../access/actor.js';
import { CurrentActor } from '../../access/current-actor.js';
import { Requires } from '../../access/policy.js';
import { readerOf } from '../../access/reading.js';
import { Database } from '../../database/database.js';
import { NamePipe } from '../../graphql/is-name.js';
import { eventsForReader } from '../../graphql/events-for-reader.js';
import { NotFoundProblem, ProblemError } from '../../graphql/problems.js';
import { RequestScope } from '../../graphql/request-scope.js';
import { Environments } from '../../releases/environments.js';
import type { ReleaseRow } from '../../releases/release.entity.js';
import { Release } from '../../releases/release.object.js';
import { ReleaseReads } from '../../releases/release-reads.js';
import type { PropagationState } from './propagation.js';
import { Propagation } from './propagation.object.js';
import { PropagationLoaders } from './propagation-loaders.js';
import { PropagationStream } from './propagation-stream.js';
import { stateForReader } from './state-for-reader.js';

@Resolver(() => Release)
export class PropagationResolver {
  constructor(
    private readonly db: Database,
    private readonly access: Access,
    private readonly reads: ReleaseReads,
    private readonly environments: Environments,
    private readonly loaders: PropagationLoaders,
    private readonly stream: PropagationStream,
  ) {}

  @ResolveField(() => Propagation, {
    name: 'propagation',
    nullable: true,
    description: 'Who has applied it; none before it has landed.',
  })
  async ofRelease(@Parent() release: Release, @Context() scope: RequestScope): Promise<Propagation | null> {
    const { environment, seq, landedAt } = release;
    if (seq === null || landedAt === null) return null;
    const state = await this.loaders.perRequest.of(scope).load({ environment, seq, landedAt });
    return Propagation.of(stateForReader(state, environment, readerOf(scope)));
  }

  @Subscription(() => Propagation, {
    description:
      'How far a release got: at once, then after every change, until every instance that counts has applied it.',
    resolve: (state: PropagationState) => Propagation.of(state),
  })
  @Requires('release:read')
  async propagation(
    @CurrentActor() actor: Actor,
    @Args('releaseId', { type: () => ID }, NamePipe) id: string,
    @Context() scope: RequestScope,
  ): Promise<AsyncIterableIterator<PropagationState>> {
    const release = await this.reads.find(actor, id);
    if (!release) throw new ProblemError(new NotFoundProblem('there is no such release'));
    return eventsForReader(this.stream.propagation(release), scope, async (reader, state) =>
      (await this.reads.find(reader, id)) ? stateForReader(state, release.environment, reader) : undefined,
    );
  }

  @Subscription(() => Release, {
    description:
      'Every release that lands in an environment from now on, in order and without gaps; of these, those that the caller may read.',
    resolve: (row: ReleaseRow) => Release.of(row),
  })
  @Requires('release:read')
  async releaseLanded(
    @CurrentActor() actor: Actor,
    @Args('environment', NamePipe) name: string,
    @Context() scope: RequestScope,
  ): Promise<AsyncIterableIterator<ReleaseRow>> {
    this.access.authorize(actor, 'release:read', { environment: name });
    const { headSeq } = await this.environments.findOrThrow(this.db.manager, name);
    return eventsForReader(
      this.stream.landed(name, headSeq),
      scope,
      async (reader, { id }) => (await this.reads.find(reader, id)) ?? undefined,
    );
  }
}
