import { Args, Query, Resolver } from '@nestjs/graphql';
import { Access } from '../../access/access.js';
import type { Actor } from '../../access/actor.js';
import { CurrentActor } from '../../access/current-actor.js';
import { Requires } from '../../access/policy.js';
import { connectionOf } from '../../graphql/connection.js';
import { Consumers } from './consumers.js';
import { ConsumerInstance, ConsumerInstanceConnection, ConsumersArgs } from './consumers.object.js';

@Resolver(() => ConsumerInstance)
export class ConsumersResolver {
  constructor(
    private readonly access: Access,
    private readonly registry: Consumers,
  ) {}

  @Query(() => ConsumerInstanceConnection, {
    description: 'Who receives what is published in an environment, with leases; the dead of the last week too.',
  })
  @Requires('release:read')
  async consumers(@CurrentActor() actor: Actor, @Args() args: ConsumersArgs): Promise<ConsumerInstanceConnection> {
    const { environment, position = '', limit } = args;
    this.access.demand(actor, 'release:read', { environment });
    const [consumer = '', instance = ''] = position.split(' ');
    const rows = await this.registry.list(environment, limit, [consumer, instance]);
    return connectionOf(
      args,
      rows,
      (row) => row,
      (row) => `${row.consumer} ${row.instance}`,
    );
  }
}
