import { type DynamicModule, Module } from '@nestjs/common';
import type { Logger } from '@paddock/runtime';
import { AccessApiModule } from './access/access-api.module.js';
import { AdoptionApiModule } from './adoption/adoption-api.module.js';
import { AuditApiModule } from './audit/audit-api.module.js';
import { DatabaseModule } from './database/database.module.js';
import { DocumentsApiModule } from './documents/documents-api.module.js';
import { GraphqlModule } from './graphql/graphql.module.js';
import { KindsApiModule } from './kinds/kinds-api.module.js';
import { KindsModule } from './kinds/kinds.module.js';
import { MarketRuleModule } from './kinds/market-rule/market-rule.module.js';
import { PointInTimeModule } from './point-in-time/point-in-time.module.js';
import { ProcessModule } from './process.module.js';
import { PropagationApiModule } from './publishing/propagation/propagation-api.module.js';
import { RelayModule } from './publishing/relay.module.js';
import { ReleasesApiModule } from './releases/releases-api.module.js';
import type { ControlPlaneSettings } from './settings.js';
import { SitesApiModule } from './sites/sites-api.module.js';

/** The API process. */
@Module({
  imports: [
    DatabaseModule,
    KindsModule,
    MarketRuleModule,
    AccessApiModule,
    AuditApiModule,
    SitesApiModule,
    DocumentsApiModule,
    KindsApiModule,
    ReleasesApiModule,
    PointInTimeModule,
    AdoptionApiModule,
    RelayModule,
    PropagationApiModule,
    GraphqlModule,
  ],
})
export class AppModule {
  static of(settings: ControlPlaneSettings, logger: Logger): DynamicModule {
    return { module: AppModule, imports: [ProcessModule.of('control-plane', settings, logger)] };
  }
}
