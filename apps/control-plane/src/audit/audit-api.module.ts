import { Module } from '@nestjs/common';
import { AccessModule } from '../access/access.module.js';
import { DocumentsModule } from '../documents/documents.module.js';
import { ReleasesModule } from '../releases/releases.module.js';
import { AuditReads } from './audit-reads.js';
import { AuditModule } from './audit.module.js';
import { AuditResolver } from './audit.resolver.js';
import { AuditTailResolver } from './tail/audit-tail.resolver.js';

/** The log in the GraphQL API. */
@Module({
  imports: [AccessModule, AuditModule, DocumentsModule, ReleasesModule],
  providers: [AuditReads, AuditResolver, AuditTailResolver],
})
export class AuditApiModule {}
