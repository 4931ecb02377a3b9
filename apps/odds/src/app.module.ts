import { type DynamicModule, Module } from '@nestjs/common';
import { Odds } from './odds.js';

/** What the odds service answers over HTTP besides health and metrics. */
@Module({})
export class AppModule {
  static of(odds: Odds): DynamicModule {
    return { module: AppModule, global: true, providers: [{ provide: Odds, useValue: odds }], exports: [Odds] };
  }
}
