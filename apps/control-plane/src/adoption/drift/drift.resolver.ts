import { Args, Mutation, Query, Resolver } from '@nestjs/graphql';
import { Access } from '../../access/access.js';
import type { Actor } from '../../access/actor.js';
import { CurrentActor } from '../../access/current-actor.js';
import { Requires } from '../../access/policy.js';
import { connectionOf } from '../../graphql/connection.js';
import { ALL_SITES } from '#contracts';
import { asProblem } from '../source/source-problems.js';
import {
  DriftEvent,
  DriftEventConnection,
  DriftEventsArgs,
  ResolveDriftInput,
  ResolveDriftResult,
} from './drift.object.js';
import { DriftEvents } from './drift-events.js';
import { SettleDrift } from './settle-drift.js';

@Resolver()
export class DriftResolver {
  constructor(
    private readonly drifts: DriftEvents,
    private readonly settling: SettleDrift,
    private readonly access: Access,
  ) {}

  @Query(() => DriftEventConnection, {
    description: 'Rows that were changed where Paddock did not expect it, newest first.',
  })
  @Requires('document:read')
  async driftEvents(@CurrentActor() actor: Actor, @Args() args: DriftEventsArgs): Promise<DriftEventConnection> {
    this.access.demand(actor, 'document:read', { kind: 'adoption', site: ALL_SITES });
    const filter = {
      reader: actor,
      ...(args.mapping ? { mappingIds: [args.mapping] } : {}),
      ...(args.state ? { state: args.state } : {}),
    };
    const rows = await this.drifts.list(filter, { limit: args.limit, before: args.position });
    return connectionOf(args, rows, DriftEvent.of, (row) => row.id);
  }

  @Mutation(() => ResolveDriftResult, {
    description:
      'Settles drift: their side becomes a draft, or ours goes into the row. Refused where the row has changed once more since it was listed.',
  })
  @Requires('document:write')
  async resolveDrift(@CurrentActor() actor: Actor, @Args('input') input: ResolveDriftInput): Promise<DriftEvent> {
    return asProblem(async () => DriftEvent.of(await this.settling.settle(actor, input.id, input.take)));
  }
}
