import { Injectable, type OnModuleInit } from '@nestjs/common';
import type { AdoptionBody } from '@paddock/contracts';
import { SourceError } from '@paddock/foreign-database';
import { Drafts } from '../../documents/drafts.js';
import { type FieldProblem, ProblemError } from '../../graphql/problems.js';
import { adoptionKind } from '../../kinds/adoption/adoption.kind.js';
import { Sources } from '../source/sources.js';
import { compileAt } from './table-reader.js';

/** How long a person who saves or publishes waits for an old database. */
const PATIENCE_MS = 3_000;

/** Holds mappings against their tables where they are saved and published, by the code that runs them. */
@Injectable()
export class MappingChecks implements OnModuleInit {
  constructor(
    private readonly drafts: Drafts,
    private readonly sources: Sources,
  ) {}

  onModuleInit(): void {
    this.drafts.addCheck(adoptionKind.name, async (body) => {
      const parsed = adoptionKind.parse(body);
      return parsed.ok ? this.problems(parsed.body) : [];
    });
  }

  /** What of a mapping does not fit its tables. Nothing where its source is unknown, unreachable or slow: then it is found out when it runs. */
  async problems(body: AdoptionBody): Promise<FieldProblem[]> {
    if (body.mode === 'RETIRED') return [];
    return withinPatience(this.compile(body), []);
  }

  private async compile(body: AdoptionBody): Promise<FieldProblem[]> {
    try {
      const source = await this.sources.findOrThrow(body.source);
      const compiled = await this.sources.use(source, { write: false }, (session) => compileAt(session, body));
      return compiled.ok ? [] : compiled.problems;
    } catch (error) {
      if (error instanceof SourceError || error instanceof ProblemError) return [];
      throw error;
    }
  }
}

/** What `work` returns, or `otherwise` where that takes too long. */
export async function withinPatience<T>(work: Promise<T>, otherwise: T): Promise<T> {
  const late = Promise.withResolvers<T>();
  const timer = setTimeout(() => late.resolve(otherwise), PATIENCE_MS);
  try {
    return await Promise.race([work, late.promise]);
  } finally {
    clearTimeout(timer);
  }
}
