import { Context, Int, Parent, ResolveField, Resolver } from '@nestjs/graphql';
import { diffBodies } from '../documents/diff.js';
import { Change, Document } from '../documents/document.object.js';
import { DocumentLoaders } from '../documents/document-loaders.js';
import { KindRegistry } from '../documents/kind-registry.js';
import { RequestScope } from '../graphql/request-scope.js';
import { ReleaseItem } from './release.object.js';

@Resolver(() => ReleaseItem)
export class ReleaseItemResolver {
  constructor(
    private readonly documents: DocumentLoaders,
    private readonly kinds: KindRegistry,
  ) {}

  @ResolveField(() => Document, { description: 'The document that it changes.' })
  async document(@Parent() item: ReleaseItem, @Context() scope: RequestScope): Promise<Document> {
    const row = await this.documents.byId.of(scope).load(item.documentId);
    if (!row) throw new Error(`release ${item.releaseId} names document ${item.documentId}, which does not exist`);
    return Document.of(row);
  }

  @ResolveField(() => Int, {
    nullable: true,
    description: 'The revision that it replaced; before it landed, the live revision.',
  })
  async previousRevision(@Parent() item: ReleaseItem, @Context() scope: RequestScope): Promise<number | null> {
    if (item.landed) return item.replaced;
    const live = await this.documents.liveIn.of(scope)(item.environment).load(item.documentId);
    return live?.revision ?? null;
  }

  @ResolveField(() => [Change], { description: 'From the previous revision to the pinned one.' })
  async diff(@Parent() item: ReleaseItem, @Context() scope: RequestScope): Promise<Change[]> {
    const before = await this.body(item, await this.previousRevision(item, scope), scope);
    return diffBodies(before, await this.body(item, item.revision, scope)).map(Change.of);
  }

  private async body({ documentId }: ReleaseItem, revision: number | null, scope: RequestScope) {
    const row = revision === null ? undefined : await this.documents.revisions.of(scope).load({ documentId, revision });
    const document = row && (await this.documents.byId.of(scope).load(documentId));
    return row && document ? this.kinds.shown(document.kind, row.body) : undefined;
  }
}
