import type { Type } from '@nestjs/common';
import { Args, Context, Field, Int, ObjectType, Parent, ResolveField, Resolver, Subscription } from '@nestjs/graphql';
import { Access } from '../access/access.js';
import type { Actor } from '../access/actor.js';
import { Author } from '../access/author.object.js';
import { Authors } from '../access/authors.js';
import { CurrentActor } from '../access/current-actor.js';
import { Requires } from '../access/policy.js';
import type { AuditEntryRow } from '../audit/audit.entity.js';
import { AuditTail } from '../audit/tail/audit-tail.js';
import type { EntryRun } from '../audit/tail/entry-queue.js';
import { Database } from '../database/database.js';
import { Document } from '../documents/document.object.js';
import { eventsForReader } from '../graphql/events-for-reader.js';
import { NamePipe } from '../graphql/is-name.js';
import { RequestScope } from '../graphql/request-scope.js';
import { Kind } from '../documents/kind.enum.js';
import type { KindName } from '@paddock/contracts';
import { ChangedDocuments, documentsGroup } from './changed-documents.js';
import { Environments } from './environments.js';
import { Release } from './release.object.js';
import { ReleaseReads } from './release-reads.js';

@ObjectType({ isAbstract: true })
abstract class ChangeEvent {
  @Field(() => Int, { description: 'The number of its newest entry in the audit log: rises with every change.' })
  number: number;
  @Field({ description: 'When it happened.' }) at: Date;
  @Field({ description: 'What happened, as the audit log calls it: `draft.saved`, `release.published`.' })
  action: string;

  actorId: string;
}

@ObjectType({
  description:
    'Documents whose drafts or live bodies changed by one action, or by quick repetitions of it by one person.',
})
export class DocumentsChange extends ChangeEvent {
  @Field(() => [Document], {
    description:
      'Those that the caller may read, as they are now; the 100 that changed last. `more` says whether there are others.',
  })
  documents: Document[];
  @Field({ description: 'Further documents may have changed: read the list again.' }) more: boolean;
  @Field(() => String, {
    nullable: true,
    description: 'The environment in which something became live; null for drafts.',
  })
  environment: string | null;
}

@ObjectType({ description: 'A release that was made or changed its state.' })
export class ReleaseChange extends ChangeEvent {
  @Field(() => Release, { description: 'The current state of the release.' }) release: Release;
}

/** Changes of documents and releases as they happen in any process; read from the audit log. */
@Resolver()
export class ChangesResolver {
  constructor(
    private readonly tail: AuditTail,
    private readonly changed: ChangedDocuments,
    private readonly reads: ReleaseReads,
    private readonly environments: Environments,
    private readonly access: Access,
    private readonly db: Database,
  ) {}

  @Subscription(() => DocumentsChange, {
    description:
      'Every save of a draft and every landing from now on, as far as the caller may read the documents; of some kinds or one site where they are given. Saves by one person that follow each other within half a second are one change.',
    resolve: (change: DocumentsChange) => change,
  })
  @Requires('document:read')
  async documentsChanged(
    @Args('kinds', { type: () => [Kind], nullable: true }) kinds: KindName[] | null,
    @Args('site', { type: () => String, nullable: true }, NamePipe) site: string | null,
    @Context() scope: RequestScope,
  ): Promise<AsyncIterableIterator<DocumentsChange>> {
    return mapped(scope, await this.tail.follow(documentsGroup), async (reader, run) => {
      const found = await this.changed.of(reader, run, { kinds: kinds ?? undefined, site: site ?? undefined });
      if (!found) return undefined;
      const { rows, more, environment } = found;
      return Object.assign(new DocumentsChange(), eventOf(run), {
        documents: rows.map(Document.of),
        more,
        environment,
      });
    });
  }

  @Subscription(() => ReleaseChange, {
    description:
      'Every release of an environment that is made, scheduled, published or changed otherwise from now on, of those that the caller may read.',
    resolve: (change: ReleaseChange) => change,
  })
  @Requires('release:read')
  async releaseChanged(
    @CurrentActor() actor: Actor,
    @Args('environment', NamePipe) environment: string,
    @Context() scope: RequestScope,
  ): Promise<AsyncIterableIterator<ReleaseChange>> {
    this.access.authorize(actor, 'release:read', { environment });
    await this.environments.findOrThrow(this.db.manager, environment);
    return mapped(scope, await this.tail.follow(releaseGroup), async (reader, run) => {
      const row = await this.reads.find(reader, run[0].targetId ?? '');
      if (row?.environment !== environment) return undefined;
      return Object.assign(new ReleaseChange(), eventOf(run), { release: Release.of(row) });
    });
  }
}

/** Gives a change its `actor`. */
function actorOf(type: Type<ChangeEvent>): Type {
  @Resolver(() => type)
  class ChangeActorResolver {
    constructor(private readonly authors: Authors) {}

    @ResolveField(() => Author, { description: 'Who did it.' })
    actor(@Parent() { actorId }: ChangeEvent, @Context() scope: RequestScope): Promise<Author> {
      return this.authors.byId.of(scope).load(actorId);
    }
  }
  // Nest tells providers apart by class; their names show in its errors.
  Object.defineProperty(ChangeActorResolver, 'name', { value: `${type.name}ActorResolver` });
  return ChangeActorResolver;
}

/** The actor of a change. */
export const CHANGE_ACTORS: readonly Type[] = [DocumentsChange, ReleaseChange].map(actorOf);

/** Entries that tell of a release: those of one person, action and release are one change. */
function releaseGroup({ targetType, targetId, actor, action }: AuditEntryRow): string | undefined {
  return targetType === 'release' && targetId !== null ? `${targetId} ${actor} ${action}` : undefined;
}

function eventOf(run: EntryRun) {
  const { number, at, action, actor } = run.at(-1) ?? run[0];
  return { number, at, action, actorId: actor };
}

/** Entries as the changes that the subscriber may see of them at that moment. */
function mapped<Change>(
  scope: RequestScope,
  runs: AsyncIterableIterator<EntryRun>,
  change: (reader: Actor, run: EntryRun) => Promise<Change | undefined>,
): AsyncIterableIterator<Change> {
  return eventsForReader<EntryRun, Change>(runs, scope, change);
}
