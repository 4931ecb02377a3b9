import { Args, Context, Int, Parent, ResolveField, Resolver } from '@nestjs/graphql';
import { Author } from '../access/author.object.js';
import { Authors } from '../access/authors.js';
import { readerOf } from '../access/reading.js';
import { RequestScope } from '../graphql/request-scope.js';
import { diffBodies } from './diff.js';
import { Change, Revision } from './document.object.js';
import { DocumentLoaders } from './document-loaders.js';
import { Documents } from './documents.js';
import { KindRegistry } from './kind-registry.js';

@Resolver(() => Revision)
export class RevisionResolver {
  constructor(
    private readonly documents: Documents,
    private readonly loaders: DocumentLoaders,
    private readonly authors: Authors,
    private readonly kinds: KindRegistry,
  ) {}

  @ResolveField(() => Author, { description: 'Who made the revision.' })
  author(@Parent() { authorId }: Revision, @Context() scope: RequestScope): Promise<Author> {
    return this.authors.byId.of(scope).load(authorId);
  }

  @ResolveField(() => String, {
    description: 'Its purpose: the title of the first release with it that the caller may read.',
  })
  message(@Parent() revision: Revision, @Context() scope: RequestScope): Promise<string> {
    return this.loaders.messages.of(scope).load(revision);
  }

  @ResolveField(() => [Change], {
    description: 'What changed since another revision; without one, since the revision before.',
  })
  async diff(
    @Parent() revision: Revision,
    @Args('from', { type: () => Int, nullable: true }) from: number | null,
    @Context() scope: RequestScope,
  ): Promise<Change[]> {
    const { documentId: id, kind, site, number } = revision;
    const before = await this.documents.revision(readerOf(scope), { id, kind, site }, from ?? number - 1);
    return diffBodies(
      before ? this.kinds.shown(kind, before.body) : undefined,
      this.kinds.shown(kind, revision.stored),
    ).map(Change.of);
  }
}
