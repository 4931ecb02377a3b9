import { type DynamicModule, Module } from '@nestjs/common';
import { APP_FILTER } from '@nestjs/core';
import { ProblemFilter } from '@paddock/http-server';
import type { Logger } from '@paddock/runtime';
import { Odds } from './odds.js';

/** What the odds service answers over HTTP besides health and metrics. */
@Module({})
export class AppModule {
  static of(odds: Odds, logger: Logger): DynamicModule {
    return {
      module: AppModule,
      global: true,
      providers: [
        { provide: Odds, useValue: odds },
        { provide: APP_FILTER, useFactory: () => new ProblemFilter(logger) },
      ],
      exports: [Odds],
    };
  }
}
