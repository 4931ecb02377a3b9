import { Module } from '@nestjs/common';
import { EnvironmentsResolver } from './environments.resolver.js';
import { SettingsListsResolver } from './settings-lists.resolver.js';
import { SitesModule } from './sites.module.js';
import { SitesResolver } from './sites.resolver.js';

/** Sites and environments in the GraphQL API. */
@Module({ imports: [SitesModule], providers: [EnvironmentsResolver, SettingsListsResolver, SitesResolver] })
export class SitesApiModule {}
