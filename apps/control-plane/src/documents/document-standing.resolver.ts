import {
  Args,
  Context,
  Field,
  InputType,
  Int,
  ID,
  Mutation,
  ObjectType,
  Parent,
  ResolveField,
  Resolver,
} from '@nestjs/graphql';
import { IsInt, IsOptional, Min } from 'class-validator';
import { MAX_KEY_LENGTH } from '@paddock/contracts';
import type { Actor } from '../access/actor.js';
import { Author } from '../access/author.object.js';
import { Authors } from '../access/authors.js';
import { CurrentActor } from '../access/current-actor.js';
import { Requires } from '../access/policy.js';
import { mayRead, readerOf } from '../access/reading.js';
import { IsName, NamePipe } from '../graphql/is-name.js';
import { NotFoundProblem } from '../graphql/problems.js';
import { RequestScope } from '../graphql/request-scope.js';
import { resultUnion } from '../graphql/result-union.js';
import { diffBodies } from './diff.js';
import { DocumentStatus } from './document.input.js';
import { AuthorFacet, Change, Document, Draft } from './document.object.js';
import { DocumentLoaders } from './document-loaders.js';
import { DraftCopies } from './draft-copies.js';
import { KindRegistry } from './kind-registry.js';
import type { DocumentStatusName } from './listing/document-status.js';
import { StaleProblem } from './stale.problem.js';

@ObjectType({ description: 'A document that uses another one.' })
export class DocumentUse {
  @Field(() => Document, { description: 'The document that uses it.' }) document: Document;
  @Field({ description: 'Its draft uses it.' }) inDraft: boolean;
  @Field(() => [String], { description: 'The environments whose live body of the document uses the other one.' })
  environments: string[];
}

@InputType()
export class DiscardDraftInput {
  @Field(() => ID, { description: 'The document.' }) @IsName({ max: 60 }) id: string;

  @Field({ description: 'The environment whose live revision becomes the draft.' })
  @IsName({ max: 40 })
  environment: string;

  @Field(() => Int, {
    nullable: true,
    description:
      '`lockVersion` of the draft that you saw; a draft that was saved since is refused as stale. Absent: the current draft.',
  })
  @IsOptional()
  @IsInt()
  @Min(1)
  lockVersion?: number | null;
}

@InputType()
export class DuplicateDocumentInput {
  @Field(() => ID, { description: 'The document whose draft is copied.' }) @IsName({ max: 60 }) id: string;
  @Field({ description: 'The key of the new document.' }) @IsName({ max: 200 }) key: string;

  @Field(() => String, { nullable: true, description: 'The site of the new document. Absent: that of the original.' })
  @IsOptional()
  @IsName({ max: MAX_KEY_LENGTH })
  site?: string | null;
}

const DiscardDraftResult = resultUnion('DiscardDraft', [Document, StaleProblem, NotFoundProblem]);
const DuplicateDocumentResult = resultUnion('DuplicateDocument', [Document, StaleProblem, NotFoundProblem]);

/** The status of a document, its uses, and discarding and copying of its draft. */
@Resolver(() => Document)
export class DocumentStandingResolver {
  constructor(
    private readonly loaders: DocumentLoaders,
    private readonly copies: DraftCopies,
  ) {}

  @ResolveField(() => DocumentStatus, {
    nullable: true,
    description: 'Its status in an environment; null where the caller may not read it there.',
  })
  async status(
    @Parent() { id }: Document,
    @Args('environment', NamePipe) environment: string,
    @Context() scope: RequestScope,
  ): Promise<DocumentStatusName | null> {
    return (await this.loaders.standingIn.of(scope)(environment).load(id))?.status ?? null;
  }

  @ResolveField(() => Boolean, {
    nullable: true,
    description:
      'Whether its draft differs from the live body in an environment; true where the document is not live; null where the caller may not read it there.',
  })
  async differsFromLive(
    @Parent() { id }: Document,
    @Args('environment', NamePipe) environment: string,
    @Context() scope: RequestScope,
  ): Promise<boolean | null> {
    return (await this.loaders.standingIn.of(scope)(environment).load(id))?.differsFromLive ?? null;
  }

  @ResolveField(() => [DocumentUse], {
    description:
      'The documents that use it, by its key or by one of its tags, of those that the caller may read. The first 100 in order of creation; `documents(uses)` lists them all.',
  })
  async usedBy(@Parent() document: Document, @Context() scope: RequestScope): Promise<DocumentUse[]> {
    const users = await this.loaders.users.of(scope).load(document);
    const rows = await Promise.all(users.map(({ documentId }) => this.loaders.byId.of(scope).load(documentId)));
    return users.flatMap(({ inDraft, environments }, index) => {
      const row = rows[index];
      return row ? [Object.assign(new DocumentUse(), { document: Document.of(row), inDraft, environments })] : [];
    });
  }

  @Mutation(() => DiscardDraftResult, {
    description: 'Replaces the draft by the live body of an environment. Live documents do not change.',
  })
  @Requires('document:write')
  async discardDraft(@CurrentActor() actor: Actor, @Args('input') input: DiscardDraftInput): Promise<Document> {
    return Document.of(await this.copies.discard(actor, { ...input, lockVersion: input.lockVersion ?? undefined }));
  }

  @Mutation(() => DuplicateDocumentResult, { description: 'Makes a new document with the draft of another one.' })
  @Requires('document:write')
  async duplicateDocument(
    @CurrentActor() actor: Actor,
    @Args('input') input: DuplicateDocumentInput,
  ): Promise<Document> {
    return Document.of(await this.copies.duplicate(actor, { ...input, site: input.site ?? undefined }));
  }
}

/** The author of a draft, and its difference from the live body. */
@Resolver(() => Draft)
export class DraftStandingResolver {
  constructor(
    private readonly loaders: DocumentLoaders,
    private readonly authors: Authors,
    private readonly kinds: KindRegistry,
  ) {}

  @ResolveField(() => Author, { description: 'Who saved it.' })
  author(@Parent() { authorId }: Draft, @Context() scope: RequestScope): Promise<Author> {
    return this.authors.byId.of(scope).load(authorId);
  }

  @ResolveField(() => [Change], {
    nullable: true,
    description:
      'What a release of the draft would change in an environment: the whole body where the document is not live; null where the caller may not read it there.',
  })
  async diff(
    @Parent() { documentId, kind, site, stored }: Draft,
    @Args('environment', NamePipe) environment: string,
    @Context() scope: RequestScope,
  ): Promise<Change[] | null> {
    if (!mayRead(readerOf(scope), { kind, site, environment })) return null;
    const live = await this.loaders.liveIn.of(scope)(environment).load(documentId);
    const row = live && (await this.loaders.revisions.of(scope).load(live));
    const before = row ? this.kinds.shown(kind, row.body) : undefined;
    return diffBodies(before, this.kinds.shown(kind, stored)).map(Change.of);
  }
}

/** The name behind an author's id in a count. */
@Resolver(() => AuthorFacet)
export class AuthorFacetResolver {
  constructor(private readonly authors: Authors) {}

  @ResolveField(() => Author, { description: 'Who it is.' })
  author(@Parent() { value }: AuthorFacet, @Context() scope: RequestScope): Promise<Author> {
    return this.authors.byId.of(scope).load(value);
  }
}
