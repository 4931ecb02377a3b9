import { Module } from '@nestjs/common';
import { AccessModule } from '../access/access.module.js';
import { AuthorFacetResolver, DocumentStandingResolver, DraftStandingResolver } from './document-standing.resolver.js';
import { DocumentLoaders } from './document-loaders.js';
import { DocumentResolver } from './document.resolver.js';
import { DocumentsModule } from './documents.module.js';
import { RevisionResolver } from './revision.resolver.js';

/** Documents in the GraphQL API; their bodies are resolved by the kinds. */
@Module({
  imports: [AccessModule, DocumentsModule],
  providers: [
    AuthorFacetResolver,
    DocumentLoaders,
    DocumentResolver,
    DocumentStandingResolver,
    DraftStandingResolver,
    RevisionResolver,
  ],
  exports: [DocumentLoaders],
})
export class DocumentsApiModule {}
