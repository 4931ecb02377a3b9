import { Module } from '@nestjs/common';
import { AccessModule } from '../access/access.module.js';
import { AuditModule } from '../audit/audit.module.js';
import { LiveState } from '../releases/live-state.js';
import { BulkDrafts } from './bulk-drafts.js';
import { DocumentUses } from './document-uses.js';
import { Documents } from './documents.js';
import { DraftCopies } from './draft-copies.js';
import { Drafts } from './drafts.js';
import { KindRegistry } from './kind-registry.js';
import { DocumentList } from './listing/document-list.js';
import { Listing } from './listing/listing.js';
import { Revisions } from './revisions.js';

/** The engine of drafts and revisions. Kinds are registered globally; the engine imports no kind. */
@Module({
  imports: [AccessModule, AuditModule],
  providers: [
    BulkDrafts,
    DocumentList,
    DocumentUses,
    Documents,
    DraftCopies,
    Drafts,
    KindRegistry,
    Listing,
    LiveState,
    Revisions,
  ],
  exports: [
    BulkDrafts,
    DocumentList,
    DocumentUses,
    Documents,
    DraftCopies,
    Drafts,
    KindRegistry,
    Listing,
    LiveState,
    Revisions,
  ],
})
export class DocumentsModule {}
