import { Context, Parent, ResolveField, Resolver } from '@nestjs/graphql';
import { Author } from '../access/author.object.js';
import { Authors } from '../access/authors.js';
import { Database } from '../database/database.js';
import { RequestScope } from '../graphql/request-scope.js';
import { databaseNow } from './environments.js';
import { Planner } from './planner.js';
import { Release, ReleaseItem, ReleasePlan } from './release.object.js';
import { ReleaseLoaders } from './release-loaders.js';
import { Releases } from './releases.js';

@Resolver(() => Release)
export class ReleaseFieldsResolver {
  constructor(
    private readonly db: Database,
    private readonly loaders: ReleaseLoaders,
    private readonly planner: Planner,
    private readonly releases: Releases,
    private readonly authors: Authors,
  ) {}

  @ResolveField(() => Author)
  author(@Parent() { authorId }: Release, @Context() scope: RequestScope): Promise<Author> {
    return this.authors.byId.of(scope).load(authorId);
  }

  @ResolveField(() => Author, { nullable: true, description: 'Who published, rolled back or scheduled it.' })
  async landedBy(@Parent() { landedById }: Release, @Context() scope: RequestScope): Promise<Author | null> {
    return landedById === null ? null : this.authors.byId.of(scope).load(landedById);
  }

  @ResolveField(() => [ReleaseItem])
  async items(@Parent() release: Release, @Context() scope: RequestScope): Promise<ReleaseItem[]> {
    return (await this.loaders.items.of(scope).load(release.id)).map(ReleaseItem.of);
  }

  @ResolveField(() => Release, { nullable: true, description: 'The release that this one takes back.' })
  async reverts(@Parent() release: Release, @Context() scope: RequestScope): Promise<Release | null> {
    const row = release.revertsId ? await this.loaders.byId.of(scope).load(release.revertsId) : undefined;
    return row ? Release.of(row) : null;
  }

  @ResolveField(() => ReleasePlan, { nullable: true, description: 'What it would do if it landed now; none once it has landed.' })
  async plan(@Parent() release: Release): Promise<ReleasePlan | null> {
    if (release.state === 'LANDED') return null;
    const row = await this.releases.mustFind(this.db.manager, release.id);
    await this.planner.observe();
    const { plan } = await this.planner.ready(this.db.manager, row, await databaseNow(this.db.manager));
    return ReleasePlan.of(plan);
  }
}
