import { Module } from '@nestjs/common';
import { AccessModule } from '../access/access.module.js';
import { AuditModule } from '../audit/audit.module.js';
import { LiveState } from '../releases/live-state.js';
import { BulkDrafts } from './bulk-drafts.js';
import { Documents } from './documents.js';
import { Drafts } from './drafts.js';
import { KindRegistry } from './kind-registry.js';
import { Revisions } from './revisions.js';

/** The engine of drafts and revisions. The kinds that it works for are registered globally; it imports none of them. */
@Module({
  imports: [AccessModule, AuditModule],
  providers: [BulkDrafts, Documents, Drafts, KindRegistry, LiveState, Revisions],
  exports: [BulkDrafts, Documents, Drafts, KindRegistry, LiveState, Revisions],
})
export class DocumentsModule {}
