import { Module } from '@nestjs/common';
import { AccessModule } from '../access/access.module.js';
import { DocumentsModule } from '../documents/documents.module.js';
import { AdoptionModule } from './adoption.module.js';
import { DriftResolver } from './drift/drift.resolver.js';
import { AdoptionRunResolver } from './import/adoption-run.resolver.js';
import { InspectionResolver } from './inspection/inspection.resolver.js';
import { SourcesResolver } from './source/sources.resolver.js';
import { AdoptedTablesResolver } from './tables/adopted-tables.resolver.js';

/** Adoption in the GraphQL API. */
@Module({
  imports: [AccessModule, AdoptionModule, DocumentsModule],
  providers: [AdoptedTablesResolver, AdoptionRunResolver, DriftResolver, InspectionResolver, SourcesResolver],
})
export class AdoptionApiModule {}
