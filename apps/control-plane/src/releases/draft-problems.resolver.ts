import { Args, Context, Parent, ResolveField, Resolver } from '@nestjs/graphql';
import { readerOf } from '../access/reading.js';
import { Draft } from '../documents/document.object.js';
import { DocumentLoaders } from '../documents/document-loaders.js';
import { NamePipe } from '../graphql/is-name.js';
import { FieldProblem } from '../graphql/problems.js';
import { PerRequest, RequestScope } from '../graphql/request-scope.js';
import { KeyedMutex } from '../publishing/artefacts/keyed-mutex.js';
import { DraftProblems } from './draft-problems.js';

@Resolver(() => Draft)
export class DraftProblemsResolver {
  constructor(
    private readonly loaders: DocumentLoaders,
    private readonly found: DraftProblems,
  ) {}

  /** A list of documents must not take every connection to the database at once. */
  private readonly perRequest = new PerRequest(() => ({
    turns: new KeyedMutex(),
    surroundings: this.found.surroundings(),
  }));

  @ResolveField(() => [FieldProblem], {
    description:
      'Everything in the draft that would block a publish of this document alone, and warnings, such as an audience in ' +
      'contains no visitor. With an environment: judged beside what is live there. Without one: beside the other drafts. ' +
      'Freeze windows and scheduled releases are not problems of a draft; the plan of a release shows them.',
  })
  async problems(
    @Parent() { documentId, stored }: Draft,
    @Args('environment', { type: () => String, nullable: true }, NamePipe) environment: string | null,
    @Context() scope: RequestScope,
  ): Promise<FieldProblem[]> {
    const document = await this.loaders.byId.of(scope).load(documentId);
    if (!document) return [];
    const { turns, surroundings } = this.perRequest.of(scope);
    const draft = { document, body: stored };
    return turns.run('drafts', async () =>
      this.found.of(readerOf(scope), draft, environment ?? undefined, await surroundings),
    );
  }
}
