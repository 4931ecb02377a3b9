import { Args, Context, Info, Query, Resolver, Subscription } from '@nestjs/graphql';
import type { GraphQLResolveInfo } from 'graphql';
import { Access } from '../../access/access.js';
import type { Actor } from '../../access/actor.js';
import { CurrentActor } from '../../access/current-actor.js';
import { Requires } from '../../access/policy.js';
import { Database } from '../../database/database.js';
import { eventsForReader } from '../../graphql/events-for-reader.js';
import { NamePipe } from '../../graphql/is-name.js';
import { isSelected } from '../../graphql/lists/selected.js';
import { RequestScope } from '../../graphql/request-scope.js';
import { Environments } from '../../releases/environments.js';
import { ConsumerStream } from './consumer-stream.js';
import { Consumers } from './consumers.js';
import { ConsumerInstance, ConsumerInstanceConnection, ConsumersArgs } from './consumers.object.js';

@Resolver(() => ConsumerInstance)
export class ConsumersResolver {
  constructor(
    private readonly access: Access,
    private readonly registry: Consumers,
    private readonly stream: ConsumerStream,
    private readonly environments: Environments,
    private readonly db: Database,
  ) {}

  @Subscription(() => ConsumerInstance, {
    description:
      'Emits each instance of an environment that appears, applies a release, restarts, falls silent or returns.',
    resolve: (instance: ConsumerInstance) => instance,
  })
  @Requires('release:read')
  async consumerChanged(
    @CurrentActor() actor: Actor,
    @Args('environment', NamePipe) environment: string,
    @Context() scope: RequestScope,
  ): Promise<AsyncIterableIterator<ConsumerInstance>> {
    this.access.authorize(actor, 'release:read', { environment });
    await this.environments.findOrThrow(this.db.manager, environment);
    return eventsForReader(await this.stream.changes(environment), scope, (reader, instance) =>
      Promise.resolve(this.access.may(reader, 'release:read', { environment }) ? instance : undefined),
    );
  }

  @Query(() => ConsumerInstanceConnection, {
    description:
      'Consumer instances of an environment with their leases, including those whose lease ended within the last week.',
  })
  @Requires('release:read')
  async consumers(
    @CurrentActor() actor: Actor,
    @Args() args: ConsumersArgs,
    @Info() info: GraphQLResolveInfo,
  ): Promise<ConsumerInstanceConnection> {
    const { environment, consumer, alive } = args;
    this.access.authorize(actor, 'release:read', { environment });
    const filter = { environment, ...(consumer ? { consumer } : {}), ...(typeof alive === 'boolean' ? { alive } : {}) };
    return this.registry.list(filter, args, isSelected(info, 'totalCount'));
  }
}
