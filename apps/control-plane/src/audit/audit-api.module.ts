import { Module } from '@nestjs/common';
import { AccessModule } from '../access/access.module.js';
import { DocumentsModule } from '../documents/documents.module.js';
import { ReleasesModule } from '../releases/releases.module.js';
import { AuditReads } from './audit-reads.js';
import { AuditResolver } from './audit.resolver.js';
import { AuditTailModule } from './tail/audit-tail.module.js';
import { AuditTailResolver } from './tail/audit-tail.resolver.js';

/** The log in the GraphQL API. */
@Module({
  imports: [AccessModule, AuditTailModule, DocumentsModule, ReleasesModule],
  providers: [AuditReads, AuditResolver, AuditTailResolver],
})
export class AuditApiModule {}
