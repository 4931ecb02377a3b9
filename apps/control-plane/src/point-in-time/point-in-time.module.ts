import { Module } from '@nestjs/common';
import { AccessModule } from '../access/access.module.js';
import { DocumentsApiModule } from '../documents/documents-api.module.js';
import { DocumentsModule } from '../documents/documents.module.js';
import { ReleasesModule } from '../releases/releases.module.js';
import { StateAtResolver } from './state-at.resolver.js';
import { VisitorState } from './visitor-state.js';

/** What was live at a point in time, and for whom. */
@Module({
  imports: [AccessModule, DocumentsModule, DocumentsApiModule, ReleasesModule],
  providers: [StateAtResolver, VisitorState],
})
export class PointInTimeModule {}
