import { Module } from '@nestjs/common';
import { AccessModule } from '../access/access.module.js';
import { DocumentsApiModule } from '../documents/documents-api.module.js';
import { DocumentsModule } from '../documents/documents.module.js';
import { DraftProblemsResolver } from './draft-problems.resolver.js';
import { ReleaseEditsResolver } from './release-edits.resolver.js';
import { AuditTailModule } from '../audit/tail/audit-tail.module.js';
import { ChangedDocuments } from './changed-documents.js';
import { CHANGE_ACTORS, ChangesResolver } from './changes.resolver.js';
import { ReleaseFieldsResolver } from './release-fields.resolver.js';
import { ReleaseItemResolver } from './release-item.resolver.js';
import { ReleaseLoaders } from './release-loaders.js';
import { ReleaseResolver } from './release.resolver.js';
import { ReleasesModule } from './releases.module.js';
import { RollbackResolver } from './rollback.resolver.js';

/** Releases in the GraphQL API. */
@Module({
  imports: [AccessModule, AuditTailModule, DocumentsModule, DocumentsApiModule, ReleasesModule],
  providers: [
    DraftProblemsResolver,
    ReleaseEditsResolver,
    ChangedDocuments,
    ChangesResolver,
    ...CHANGE_ACTORS,
    ReleaseFieldsResolver,
    ReleaseItemResolver,
    ReleaseLoaders,
    ReleaseResolver,
    RollbackResolver,
  ],
  exports: [ReleaseLoaders],
})
export class ReleasesApiModule {}
