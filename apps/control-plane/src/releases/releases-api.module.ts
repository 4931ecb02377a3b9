import { Module } from '@nestjs/common';
import { AccessModule } from '../access/access.module.js';
import { DocumentsApiModule } from '../documents/documents-api.module.js';
import { DocumentsModule } from '../documents/documents.module.js';
import { ReleaseFieldsResolver } from './release-fields.resolver.js';
import { ReleaseItemResolver } from './release-item.resolver.js';
import { ReleaseLoaders } from './release-loaders.js';
import { ReleaseResolver } from './release.resolver.js';
import { ReleasesModule } from './releases.module.js';
import { RollbackResolver } from './rollback.resolver.js';
import { StateAtResolver } from './state-at.resolver.js';

/** Releases in the GraphQL API. */
@Module({
  imports: [AccessModule, DocumentsModule, DocumentsApiModule, ReleasesModule],
  providers: [
    ReleaseFieldsResolver,
    ReleaseItemResolver,
    ReleaseLoaders,
    ReleaseResolver,
    RollbackResolver,
    StateAtResolver,
  ],
  exports: [ReleaseLoaders],
})
export class ReleasesApiModule {}
