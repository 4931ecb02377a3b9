import { Args, Context, ID, Parent, ResolveField, Resolver, Subscription } from '@nestjs/graphql';
import { Access } from '../../access/access.js';
import type { Actor } from '../../access/actor.js';
import { CurrentActor } from '../../access/current-actor.js';
import { Requires } from '../../access/policy.js';
import { Database } from '../../database/database.js';
import { NamePipe } from '../../graphql/is-name.js';
import { NotFoundProblem, ProblemError } from '../../graphql/problems.js';
import { RequestScope } from '../../graphql/request-scope.js';
import { Environments } from '../../releases/environments.js';
import { ReleaseRow } from '../../releases/release.entity.js';
import { Release } from '../../releases/release.object.js';
import type { PropagationState } from './propagation.js';
import { Propagation } from './propagation.object.js';
import { PropagationLoaders } from './propagation-loaders.js';
import { PropagationStream } from './propagation-stream.js';

@Resolver(() => Release)
export class PropagationResolver {
  constructor(
    private readonly db: Database,
    private readonly access: Access,
    private readonly environments: Environments,
    private readonly loaders: PropagationLoaders,
    private readonly stream: PropagationStream,
  ) {}

  @ResolveField(() => Propagation, { name: 'propagation', nullable: true, description: 'Who has applied it; none before it has landed.' })
  async ofRelease(@Parent() release: Release, @Context() scope: RequestScope): Promise<Propagation | null> {
    const { environment, seq, landedAt } = release;
    if (seq === null || landedAt === null) return null;
    return Propagation.of(await this.loaders.perRequest.of(scope).load({ environment, seq, landedAt }));
  }

  @Subscription(() => Propagation, {
    description: 'How far a release got: at once, then after every change, until every instance that counts has applied it.',
    resolve: (state: PropagationState) => Propagation.of(state),
  })
  @Requires('release:read')
  async propagation(
    @CurrentActor() actor: Actor,
    @Args('releaseId', { type: () => ID }, NamePipe) id: string,
  ): Promise<AsyncIterableIterator<PropagationState>> {
    const release = await this.db.manager.findOneBy(ReleaseRow, { id });
    if (!release || !this.access.may(actor, 'release:read', { environment: release.environment })) {
      throw new ProblemError(new NotFoundProblem('there is no such release'));
    }
    return this.stream.propagation(release);
  }

  @Subscription(() => Release, {
    description: 'Every release that lands in an environment from now on, in order and without gaps.',
    resolve: (row: ReleaseRow) => Release.of(row),
  })
  @Requires('release:read')
  async releaseLanded(
    @CurrentActor() actor: Actor,
    @Args('environment', NamePipe) name: string,
  ): Promise<AsyncIterableIterator<ReleaseRow>> {
    this.access.demand(actor, 'release:read', { environment: name });
    const { headSeq } = await this.environments.mustFind(this.db.manager, name);
    return this.stream.landed(name, headSeq);
  }
}
