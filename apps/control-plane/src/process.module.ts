import { type DynamicModule, Global, Module } from '@nestjs/common';
import { createMetrics, Health, type Logger } from '@paddock/runtime';
import { HEALTH, LOGGER, METRICS } from './process.js';
import { type ControlPlaneSettings, SETTINGS } from './settings.js';

/** What a process has once: its settings, logger, metrics and health. */
@Global()
@Module({})
export class ProcessModule {
  static of(app: string, settings: ControlPlaneSettings, logger: Logger): DynamicModule {
    const providers = [
      { provide: SETTINGS, useValue: settings },
      { provide: LOGGER, useValue: logger },
      { provide: METRICS, useValue: createMetrics(app) },
      { provide: HEALTH, useValue: new Health() },
    ];
    return { module: ProcessModule, providers, exports: providers };
  }
}
