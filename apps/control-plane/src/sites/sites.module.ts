import { Module } from '@nestjs/common';
import { AccessModule } from '../access/access.module.js';
import { AuditModule } from '../audit/audit.module.js';
import { OutboxModule } from '../publishing/outbox.module.js';
import { Environments } from '../releases/environments.js';
import { ClientKeys } from './client-keys.js';
import { EnvironmentPolicies } from './environment-policies.js';
import { EnvironmentSettingsSource } from './environment-settings.js';
import { FreezeWindows } from './freeze-windows.js';
import { SettingsChanges } from './settings-changes.js';
import { SettingsLists } from './settings-lists.js';
import { Sites } from './sites.js';

/** Sites, and what environments are set to. */
@Module({
  imports: [AccessModule, AuditModule, OutboxModule],
  providers: [
    ClientKeys,
    EnvironmentPolicies,
    Environments,
    EnvironmentSettingsSource,
    FreezeWindows,
    SettingsChanges,
    SettingsLists,
    Sites,
  ],
  exports: [ClientKeys, EnvironmentPolicies, EnvironmentSettingsSource, FreezeWindows, SettingsLists, Sites],
})
export class SitesModule {}
