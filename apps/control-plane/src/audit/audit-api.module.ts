import { Module } from '@nestjs/common';
import { AccessModule } from '../access/access.module.js';
import { DocumentsModule } from '../documents/documents.module.js';
import { ReleasesModule } from '../releases/releases.module.js';
import { AuditReads } from './audit-reads.js';
import { AuditResolver } from './audit.resolver.js';

/** The log in the GraphQL API. */
@Module({ imports: [AccessModule, DocumentsModule, ReleasesModule], providers: [AuditReads, AuditResolver] })
export class AuditApiModule {}
