import { Args, Context, ID, Mutation, Parent, Query, ResolveField, Resolver, Subscription } from '@nestjs/graphql';
import { ALL_SITES } from '@paddock/contracts';
import { Access } from '../../access/access.js';
import type { Actor } from '../../access/actor.js';
import { CurrentActor } from '../../access/current-actor.js';
import { Requires } from '../../access/policy.js';
import { connectionOf } from '../../graphql/connection.js';
import { NamePipe } from '../../graphql/is-name.js';
import { eventsForReader } from '../../graphql/events-for-reader.js';
import { FieldProblem, ProblemError, ValidationProblem } from '../../graphql/problems.js';
import { RequestScope } from '../../graphql/request-scope.js';
import { adoptionKind } from '../../kinds/adoption/adoption.kind.js';
import type { AdoptionRunRow } from '../adoption.entity.js';
import {
  AdoptionPreview,
  HomepageArgs,
  PreviewAdoptionInput,
  PreviewAdoptionResult,
  RenderedHomepage,
} from '../homepage/homepage.object.js';
import { RunHomepages } from '../homepage/run-homepages.js';
import { asProblem } from '../source/source-problems.js';
import { Mappings } from '../tables/mappings.js';
import {
  AdoptedRowPreview,
  AdoptedRowPreviewConnection,
  AdoptionRun,
  AdoptTableInput,
  AdoptTableResult,
  PreviewArgs,
} from './adoption-run.object.js';
import { AdoptionRuns } from './adoption-runs.js';
import { Previews } from './previews.js';
import type { RunRequest } from './run-permissions.js';
import { watchRun } from './run-stream.js';

@Resolver(() => AdoptionRun)
export class AdoptionRunResolver {
  constructor(
    private readonly runs: AdoptionRuns,
    private readonly mappings: Mappings,
    private readonly previews: Previews,
    private readonly homepages: RunHomepages,
    private readonly access: Access,
  ) {}

  @Mutation(() => AdoptTableResult, {
    description:
      'Runs a mapping over its whole table. A dry run shows the document of every row, or why a row cannot become one; otherwise the rows become drafts. A run of a large table continues after the response: follow it by adoptionProgress.',
  })
  @Requires('document:write')
  async adoptTable(
    @CurrentActor() actor: Actor,
    @Args('input') input: AdoptTableInput,
    @Args('dryRun', { type: () => Boolean, defaultValue: true }) dryRun: boolean,
  ): Promise<AdoptionRun> {
    this.access.authorize(actor, 'document:write', { kind: 'adoption', site: ALL_SITES });
    const request = await this.requestOf(input, dryRun);
    return asProblem(async () => AdoptionRun.of(await this.runs.start(actor, request)));
  }

  @Query(() => AdoptionRun, { description: 'A run by its id.' })
  @Requires('document:write')
  async adoptionRun(
    @CurrentActor() actor: Actor,
    @Args('id', { type: () => ID }, NamePipe) id: string,
  ): Promise<AdoptionRun> {
    this.access.authorize(actor, 'document:write', { kind: 'adoption', site: ALL_SITES });
    return AdoptionRun.of(await this.runs.find(id));
  }

  @Subscription(() => AdoptionRun, {
    description: 'The progress of a run until its end.',
    resolve: (row: AdoptionRunRow) => AdoptionRun.of(row),
  })
  @Requires('document:write')
  async adoptionProgress(
    @CurrentActor() actor: Actor,
    @Args('id', { type: () => ID }, NamePipe) id: string,
    @Context() scope: RequestScope,
  ): Promise<AsyncIterableIterator<AdoptionRunRow>> {
    this.access.authorize(actor, 'document:write', { kind: 'adoption', site: ALL_SITES });
    await this.runs.find(id);
    const maySee = (reader: Actor) => this.access.may(reader, 'document:write', { kind: 'adoption', site: ALL_SITES });
    return eventsForReader(
      watchRun(() => this.runs.find(id)),
      scope,
      (reader, row) => Promise.resolve(maySee(reader) ? row : undefined),
    );
  }

  @Mutation(() => PreviewAdoptionResult, {
    description:
      'Renders the page that the rows of some mappings would make together, by the code of the edge, for every site and language. Reads only, and stores nothing.',
  })
  @Requires('document:write')
  async previewAdoption(
    @CurrentActor() actor: Actor,
    @Args('input') { mappings, page }: PreviewAdoptionInput,
  ): Promise<AdoptionPreview> {
    this.access.authorize(actor, 'document:write', { kind: 'adoption', site: ALL_SITES });
    const parsed = mappings.map((mapping) => adoptionKind.parse(mapping));
    const problems = parsed.flatMap((one, at) =>
      one.ok
        ? []
        : one.problems.map(({ path, code, message }) => new FieldProblem(`mappings[${at}].${path}`, code, message)),
    );
    if (problems.length > 0) throw new ProblemError(new ValidationProblem(problems));
    return asProblem(async () =>
      AdoptionPreview.of(
        await this.homepages.render(
          parsed.flatMap((one) => (one.ok ? [one.body] : [])),
          page,
        ),
      ),
    );
  }

  @ResolveField(() => [RenderedHomepage], {
    name: 'homepages',
    description:
      'The page that the rows of this run alone would make, for every language; previewAdoption renders several mappings together.',
  })
  async homepagesOf(@Parent() run: AdoptionRun, @Args() { page }: HomepageArgs): Promise<RenderedHomepage[]> {
    return (await asProblem(() => this.homepages.render([JSON.parse(run.mapping)], page))).map(RenderedHomepage.of);
  }

  @ResolveField(() => AdoptedRowPreviewConnection, {
    description: 'What the rows become, read from the table when it is asked for.',
  })
  async rows(@Parent() run: AdoptionRun, @Args() args: PreviewArgs): Promise<AdoptedRowPreviewConnection> {
    const found = await asProblem(() =>
      this.previews.page(JSON.parse(run.mapping), { limit: args.limit, after: args.position }),
    );
    return connectionOf(
      args,
      found,
      ({ candidate }) => AdoptedRowPreview.of(candidate),
      ({ position }) => position,
    );
  }

  private async requestOf({ mapping, body }: AdoptTableInput, dryRun: boolean): Promise<RunRequest> {
    if (mapping && !body) return { mappingId: mapping, body: (await this.mappings.draft(mapping)).body, dryRun };
    if (mapping || !body)
      throw new ProblemError(
        new ValidationProblem([new FieldProblem('mapping', 'CONTRADICTION', 'send either mapping or body')]),
      );
    const parsed = adoptionKind.parse(body);
    if (parsed.ok) return { mappingId: undefined, body: parsed.body, dryRun };
    throw new ProblemError(
      new ValidationProblem(
        parsed.problems.map(({ path, code, message }) => new FieldProblem(`body.${path}`, code, message)),
      ),
    );
  }
}
