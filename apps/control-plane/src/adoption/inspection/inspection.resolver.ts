import { Args, Mutation, Resolver } from '@nestjs/graphql';
import { isTimeZone } from '@paddock/time-zones';
import { Access } from '../../access/access.js';
import { EVERYWHERE } from '../../access/ability.js';
import type { Actor } from '../../access/actor.js';
import { CurrentActor } from '../../access/current-actor.js';
import { Requires } from '../../access/policy.js';
import { Database } from '../../database/database.js';
import { FieldProblem, ProblemError, ValidationProblem } from '../../graphql/problems.js';
import { SiteRow } from '../../sites/site.entity.js';
import { asProblem } from '../source/source-problems.js';
import { Sources } from '../source/sources.js';
import { InspectSourceInput, InspectSourceResult, SourceInspection } from './inspection.object.js';
import { inspect } from './inspector.js';
import { introspect } from './introspect.js';

@Resolver()
export class InspectionResolver {
  constructor(
    private readonly sources: Sources,
    private readonly access: Access,
    private readonly db: Database,
  ) {}

  @Mutation(() => InspectSourceResult, {
    description:
      'Looks at a foreign database, reading only: its tables, keys, columns and samples, and mappings onto promos, layouts and components that they suggest, each with its reasons, with what it would lose, mix or show, and the homepage that would result.',
  })
  @Requires('settings:manage')
  async inspectSource(
    @CurrentActor() actor: Actor,
    @Args('input') input: InspectSourceInput,
  ): Promise<SourceInspection> {
    this.access.authorize(actor, 'settings:manage', EVERYWHERE);
    const { environment, timeZone, site, tables, language, shop } = input;
    if (!isTimeZone(timeZone)) {
      throw new ProblemError(
        new ValidationProblem([
          new FieldProblem('timeZone', 'UNKNOWN_TIME_ZONE', `${JSON.stringify(timeZone)} is no IANA time zone`),
        ]),
      );
    }
    const source = await this.sources.findOrThrow(input.source);
    const home = site ? await this.db.manager.findOneBy(SiteRow, { key: site }) : null;
    const options = {
      source: source.key,
      environment,
      site: site ?? undefined,
      timeZone,
      ...(home ? { preferredLanguage: home.locale } : {}),
      ...(language ? { language } : {}),
      ...(shop ? { shop } : {}),
    };
    return asProblem(() =>
      this.sources.use(source, { write: false }, async (session) => {
        if (tables)
          mustExist(
            tables,
            (await introspect(session, tables)).map(({ name }) => name),
          );
        return SourceInspection.of(source.key, await inspect(session, options, tables ?? undefined));
      }),
    );
  }
}

function mustExist(wanted: readonly string[], found: readonly string[]): void {
  const missing = wanted.flatMap((name, at) =>
    found.includes(name)
      ? []
      : [new FieldProblem(`tables[${at}]`, 'UNKNOWN_TABLE', `the source has no table ${JSON.stringify(name)}`)],
  );
  if (missing.length > 0) throw new ProblemError(new ValidationProblem(missing));
}
