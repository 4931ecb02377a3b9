import { Args, Info, Mutation, Query, Resolver } from '@nestjs/graphql';
import type { GraphQLResolveInfo } from 'graphql';
import { Access } from '../../access/access.js';
import type { Actor } from '../../access/actor.js';
import { CurrentActor } from '../../access/current-actor.js';
import { Requires } from '../../access/policy.js';
import { Database } from '../../database/database.js';
import type { Ordering } from '../../graphql/lists/keyset.js';
import { byQuery, readList } from '../../graphql/lists/read-list.js';
import { isSelected } from '../../graphql/lists/selected.js';
import type { DriftEventRow } from '../adoption.entity.js';
import { ALL_SITES } from '@paddock/contracts';
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

/** The only order of drift events: the newest first. */
const DRIFT_ORDER: Ordering<DriftEventRow, never> = {
  fields: {},
  unique: { sql: 'drift.id', type: 'text', of: ({ id }) => id },
  uniqueDirection: 'DESC',
  whenAbsent: [],
};

@Resolver()
export class DriftResolver {
  constructor(
    private readonly drifts: DriftEvents,
    private readonly settling: SettleDrift,
    private readonly access: Access,
    private readonly db: Database,
  ) {}

  @Query(() => DriftEventConnection, {
    description: 'Rows that were changed where Paddock did not expect it, newest first.',
  })
  @Requires('document:read')
  async driftEvents(
    @CurrentActor() actor: Actor,
    @Args() args: DriftEventsArgs,
    @Info() info: GraphQLResolveInfo,
  ): Promise<DriftEventConnection> {
    this.access.authorize(actor, 'document:read', { kind: 'adoption', site: ALL_SITES });
    const filter = {
      reader: actor,
      ...(args.mapping ? { mappingIds: [args.mapping] } : {}),
      ...(args.state ? { state: args.state } : {}),
    };
    return this.db.snapshot((manager) => {
      const reader = byQuery(this.drifts.list(filter, manager), isSelected(info, 'totalCount'));
      return readList(args, DRIFT_ORDER, DriftEvent.of, reader);
    });
  }

  @Mutation(() => ResolveDriftResult, {
    description:
      'Settles drift: their side becomes a draft, or ours goes into the row. Refused where the row has changed again since it was listed.',
  })
  @Requires('document:write')
  async resolveDrift(@CurrentActor() actor: Actor, @Args('input') input: ResolveDriftInput): Promise<DriftEvent> {
    return asProblem(async () => DriftEvent.of(await this.settling.settle(actor, input.id, input.take)));
  }
}
