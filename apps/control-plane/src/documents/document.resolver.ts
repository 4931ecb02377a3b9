import { Args, Context, ID, Info, Int, Mutation, Parent, Query, ResolveField, Resolver } from '@nestjs/graphql';
import type { GraphQLResolveInfo } from 'graphql';
import { formatRef, type KindName } from '@paddock/contracts';
import type { Actor } from '../access/actor.js';
import { CurrentActor } from '../access/current-actor.js';
import { Requires } from '../access/policy.js';
import { mayRead, readerOf } from '../access/reading.js';
import { Database } from '../database/database.js';
import { NamePipe } from '../graphql/is-name.js';
import type { Ordering } from '../graphql/lists/keyset.js';
import { ListArgs } from '../graphql/lists/list-args.js';
import { byQuery, readList } from '../graphql/lists/read-list.js';
import { isSelected } from '../graphql/lists/selected.js';
import { NotFoundProblem } from '../graphql/problems.js';
import { RequestScope } from '../graphql/request-scope.js';
import { resultUnion } from '../graphql/result-union.js';
import type { RevisionRow } from './document.entity.js';
import { DocumentsArgs, RestoreRevisionInput } from './document.input.js';
import { Document, DocumentConnection, Draft, LiveRevision, Revision, RevisionConnection } from './document.object.js';
import { DocumentLoaders } from './document-loaders.js';
import { Documents } from './documents.js';
import { Drafts } from './drafts.js';
import { enumName, Kind } from './kind.enum.js';
import { FACETS } from './listing/document-filter.js';
import { DocumentList } from './listing/document-list.js';
import { StaleProblem } from './stale.problem.js';

const RestoreRevisionResult = resultUnion('RestoreRevision', [Document, StaleProblem, NotFoundProblem]);

/** The only order of revisions: the newest first. */
const REVISION_ORDER: Ordering<RevisionRow, never> = {
  fields: {},
  unique: { sql: 'revision.number', type: 'number', of: ({ number }) => number },
  uniqueDirection: 'DESC',
  whenAbsent: [],
};

@Resolver(() => Document)
export class DocumentResolver {
  constructor(
    private readonly documents: Documents,
    private readonly drafts: Drafts,
    private readonly loaders: DocumentLoaders,
    private readonly lists: DocumentList,
    private readonly db: Database,
  ) {}

  @Query(() => DocumentConnection, {
    name: 'documents',
    description:
      'Config documents that the caller may read: filtered, sorted and counted. Every filter that is given must hold.',
  })
  @Requires('document:read')
  async list(
    @CurrentActor() actor: Actor,
    @Args() args: DocumentsArgs,
    @Info() info: GraphQLResolveInfo,
  ): Promise<DocumentConnection> {
    const page = await this.lists.read(actor, args.filter(), args, Document.of, {
      totalCount: isSelected(info, 'totalCount'),
      facets: FACETS.filter((facet) => isSelected(info, `facets.${facet}`)),
    });
    const kind = page.facets.kind?.map(({ value, count }) => ({ value: enumName(value), count }));
    return { ...page, facets: { ...page.facets, ...(kind ? { kind } : {}) } };
  }

  @Query(() => Document, {
    nullable: true,
    description: 'A document; null where it does not exist or you may not read it.',
  })
  @Requires('document:read')
  async document(
    @CurrentActor() actor: Actor,
    @Args('id', { type: () => ID }, NamePipe) id: string,
  ): Promise<Document | null> {
    const row = await this.documents.readable(actor, id);
    return row && Document.of(row);
  }

  @Query(() => Document, {
    nullable: true,
    description: 'The document of exactly this site; without one, that of all sites.',
  })
  @Requires('document:read')
  async documentByKey(
    @CurrentActor() actor: Actor,
    @Args('kind', { type: () => Kind }) kind: KindName,
    @Args('site', { type: () => String, nullable: true }, NamePipe) site: string | null,
    @Args('key', NamePipe) key: string,
  ): Promise<Document | null> {
    const row = await this.documents.byRef(kind, site ?? undefined, key);
    return row && mayRead(actor, row) ? Document.of(row) : null;
  }

  @Mutation(() => RestoreRevisionResult, {
    description: 'Makes an older revision the draft again; a release makes it live.',
  })
  @Requires('document:write')
  async restoreRevision(@CurrentActor() actor: Actor, @Args('input') input: RestoreRevisionInput): Promise<Document> {
    return Document.of(await this.drafts.restore(actor, input));
  }

  @ResolveField(() => Draft, { description: 'The state that can be edited.' })
  async draft(@Parent() document: Document, @Context() scope: RequestScope): Promise<Draft> {
    const row = await this.loaders.drafts.of(scope).load(document.id);
    if (!row) throw new Error(`${formatRef(document)} has no draft`);
    return Draft.of(document, row);
  }

  @ResolveField(() => RevisionConnection, {
    description:
      'Newest first. A caller with grants for some environments sees the revisions that releases of these environments pin.',
  })
  async revisions(
    @Parent() document: Document,
    @Args() args: ListArgs,
    @Context() scope: RequestScope,
    @Info() info: GraphQLResolveInfo,
  ): Promise<RevisionConnection> {
    return this.db.snapshot((manager) => {
      const query = this.documents.revisions(readerOf(scope), document, manager);
      const toNode = (row: RevisionRow) => Revision.of(document, row);
      return readList(args, REVISION_ORDER, toNode, byQuery(query, isSelected(info, 'totalCount')));
    });
  }

  @ResolveField(() => Revision, {
    nullable: true,
    description: 'The revision of this number; null where it does not exist or you may not read it.',
  })
  async revision(
    @Parent() document: Document,
    @Args('number', { type: () => Int }) number: number,
    @Context() scope: RequestScope,
  ): Promise<Revision | null> {
    const row = await this.documents.revision(readerOf(scope), document, number);
    return row && Revision.of(document, row);
  }

  @ResolveField(() => LiveRevision, {
    nullable: true,
    description: 'Its live revision; null before its first release and after its removal.',
  })
  async live(
    @Parent() document: Document,
    @Args('environment', NamePipe) environment: string,
    @Context() scope: RequestScope,
  ): Promise<LiveRevision | null> {
    const { kind, site } = document;
    if (!mayRead(readerOf(scope), { kind, site, environment })) return null;
    const live = await this.loaders.liveIn.of(scope)(environment).load(document.id);
    const row = live && (await this.loaders.revisions.of(scope).load(live));
    return live && row ? LiveRevision.of(document, live, row) : null;
  }
}
