import { Module } from '@nestjs/common';
import { type GraphqlLimits, graphqlModule } from '@paddock/graphql';
import type { Logger } from '@paddock/runtime';
import { LOGGER } from '../process.js';
import { type EdgeSettings, SETTINGS } from '../settings.js';
import { LayoutResolver } from './layout.resolver.js';
import { MarketResolver } from './market.resolver.js';

/** The queries that there are need a fraction of these. */
export const LIMITS: GraphqlLimits = { tokens: 600, depth: 8, aliases: 10, rootFields: 5, directives: 10 };

/** `/graphql`: layouts and markets for frontends that speak GraphQL. */
@Module({
  imports: [
    graphqlModule({
      limits: LIMITS,
      inject: [SETTINGS, LOGGER],
      useFactory: ({ production, introspection }: EdgeSettings, logger: Logger) => ({
        production,
        introspection,
        logger,
      }),
    }),
  ],
  providers: [LayoutResolver, MarketResolver],
})
export class GraphqlModule {}
