import { Module } from '@nestjs/common';
import { APP_GUARD } from '@nestjs/core';
import { type GraphqlLimits, graphqlModule } from '@paddock/graphql';
import type { Logger } from '@paddock/runtime';
import { ScopeGuard } from '../access/scope.guard.js';
import { INTROSPECTION, LOGGER, PRODUCTION } from '../process.js';
import { ExplorationResolver } from '../explorations/exploration.resolver.js';
import { LiveResolver } from '../live/live.resolver.js';
import { QuarantineResolver } from '../quarantine/quarantine.resolver.js';
import { ReconciliationResolver } from '../reconciliation/reconciliation.resolver.js';
import { SeriesResolver } from './series.resolver.js';

/** A dashboard requests a dozen metrics at once. */
export const LIMITS: GraphqlLimits = { tokens: 2_500, depth: 8, aliases: 30, rootFields: 15, directives: 30 };

/** `/graphql`: metrics, the quarantine and reconciliation. */
@Module({
  imports: [
    graphqlModule({
      limits: LIMITS,
      inject: [PRODUCTION, INTROSPECTION, LOGGER],
      useFactory: (production: boolean, introspection: boolean, logger: Logger) => ({
        production,
        introspection,
        logger,
      }),
    }),
  ],
  providers: [
    { provide: APP_GUARD, useClass: ScopeGuard },
    SeriesResolver,
    ExplorationResolver,
    LiveResolver,
    QuarantineResolver,
    ReconciliationResolver,
  ],
})
export class GraphqlModule {}
