import { type DynamicModule, Global, Module } from '@nestjs/common';
import { APP_FILTER } from '@nestjs/core';
import { HttpPort, ProblemFilter } from '@paddock/http-server';
import type { Logger } from '@paddock/runtime';
import { TaskProducer } from '@paddock/tasks';
import { ArtefactsController } from './changes/artefacts.controller.js';
import { ChangeStream } from './changes/change-stream.js';
import { ChangesController } from './changes/changes.controller.js';
import { Manifests } from './changes/manifests.js';
import type { Edge } from './edge.js';
import { GraphqlModule } from './graphql/graphql.module.js';
import { LayoutReader } from './http/layout-reader.js';
import { EventSnapshots } from './markets/event-snapshots.js';
import { LegacyMarketsController } from './markets/legacy-markets.controller.js';
import { LegacyMarketRoutes } from './markets/legacy-routes.js';
import { MarketStreams } from './markets/market-streams.js';
import { MarketsController } from './markets/markets.controller.js';
import { LOGGER } from './process.js';
import { ReceiptsController } from './receipts/receipts.controller.js';
import { SampleMediaController } from './sample-media/sample-media.controller.js';
import { type EdgeSettings, SETTINGS } from './settings.js';
import { Environments } from './state/environments.js';

/** Everything that is not a layout over REST: those are answered before any framework is asked. */
@Global()
@Module({
  imports: [GraphqlModule],
  controllers: [
    ChangesController,
    MarketsController,
    LegacyMarketsController,
    ArtefactsController,
    ReceiptsController,
    SampleMediaController,
  ],
})
export class AppModule {
  static of(edge: Edge, settings: EdgeSettings, logger: Logger): DynamicModule {
    const provided = [
      { provide: HttpPort, useValue: edge.port },
      { provide: SETTINGS, useValue: settings },
      { provide: LOGGER, useValue: logger },
      { provide: Environments, useValue: edge.environments },
      { provide: LayoutReader, useValue: edge.layouts },
      { provide: ChangeStream, useValue: edge.stream },
      { provide: Manifests, useValue: edge.manifests },
      { provide: MarketStreams, useValue: edge.markets.streams },
      { provide: LegacyMarketRoutes, useValue: edge.markets.legacy },
      { provide: EventSnapshots, useValue: edge.markets.snapshots },
      { provide: TaskProducer, useValue: edge.producer },
    ];
    const filter = { provide: APP_FILTER, useFactory: () => new ProblemFilter(logger) };
    return { module: AppModule, providers: [...provided, filter], exports: provided };
  }
}
