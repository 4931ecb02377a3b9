import { Args, Context, Int, Parent, ResolveField, Resolver } from '@nestjs/graphql';
import { Author } from '../access/author.object.js';
import { Authors } from '../access/authors.js';
import { RequestScope } from '../graphql/request-scope.js';
import { diffBodies } from './diff.js';
import { Change, Revision } from './document.object.js';
import { DocumentLoaders } from './document-loaders.js';

@Resolver(() => Revision)
export class RevisionResolver {
  constructor(
    private readonly loaders: DocumentLoaders,
    private readonly authors: Authors,
  ) {}

  @ResolveField(() => Author)
  author(@Parent() { authorId }: Revision, @Context() scope: RequestScope): Promise<Author> {
    return this.authors.byId.of(scope).load(authorId);
  }


  @ResolveField(() => [Change], { description: 'What changed since another revision; without one, since the revision before.' })
  async diff(
    @Parent() revision: Revision,
    @Args('from', { type: () => Int, nullable: true }) from: number | null,
    @Context() scope: RequestScope,
  ): Promise<Change[]> {
    const { documentId, number } = revision;
    const before = await this.loaders.revisions.of(scope).load({ documentId, revision: from ?? number - 1 });
    return diffBodies(before && JSON.parse(before.body), JSON.parse(revision.stored)).map(Change.of);
  }
}
