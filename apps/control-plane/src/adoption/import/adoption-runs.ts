import { Inject, Injectable } from '@nestjs/common';
import { v7 as uuidv7 } from 'uuid';
import { type AdoptionBody, canonicalJson } from '@paddock/contracts';
import type { SourceSession } from '@paddock/foreign-database';
import type { Actor } from '../../access/actor.js';
import { Database } from '../../database/database.js';
import { KindRegistry } from '../../documents/kind-registry.js';
import { FieldProblem, NotFoundProblem, ProblemError, ValidationProblem } from '../../graphql/problems.js';
import { LOGGER, type Logger } from '../../process.js';
import { AdoptionRunRow, type SourceRow } from '../adoption.entity.js';
import { countReferring, explainEffect, type ForeseenEffect } from '../inspection/side-effects.js';
import { escapeWarnings } from '../inspection/house-escapes.js';
import type { ColumnSchema } from '../inspection/table-schema.js';
import type { CompiledMapping } from '../mapping/compiled-mapping.js';
import { keyProblems } from '../rows/key-problems.js';
import { countRows } from '../rows/scan.js';
import { Sources } from '../source/sources.js';
import { AdoptedTables } from '../tables/adopted-tables.js';
import { compileAt } from '../tables/table-reader.js';
import { Reaches } from '../write-back/reach.js';
import { Importer } from './importer.js';
import { DuplicateKeys } from './duplicate-keys.js';
import { prefetch, pagesOf } from './candidate-pages.js';
import { RunProgress } from './run-progress.js';
import { invalid, type RunRequest, RunPermissions } from './run-permissions.js';

/** How long a request waits for a run to end before it answers with one that still runs. */
const PATIENCE_MS = 8_000;

/** Runs mappings over whole tables on request: to see what they would make, or to make it. */
@Injectable()
export class AdoptionRuns {
  constructor(
    private readonly db: Database,
    private readonly kinds: KindRegistry,
    private readonly sources: Sources,
    private readonly importer: Importer,
    private readonly tables: AdoptedTables,
    private readonly permissions: RunPermissions,
    @Inject(LOGGER) private readonly logger: Logger,
  ) {}

  /**
   * Starts a run, and waits for it as long as a request may.
   * @throws ProblemError with everything that is wrong with the mapping, or SourceError; no run has begun then
   */
  async start(actor: Actor, request: RunRequest): Promise<AdoptionRunRow> {
    await this.permissions.authorize(actor, request);
    const source = await this.sources.findOrThrow(request.body.source, 'mapping.source');
    const begun = Promise.withResolvers<AdoptionRunRow>();
    const ended = this.run(actor, request, source, (row) => begun.resolve(row));
    ended.catch((error: unknown) => begun.reject(error));
    const row = await begun.promise;
    await Promise.race([ended, new Promise((resolve) => setTimeout(resolve, PATIENCE_MS).unref())]);
    return this.find(row.id);
  }

  async find(id: string): Promise<AdoptionRunRow> {
    const row = await this.db.manager.findOneBy(AdoptionRunRow, { id });
    if (!row) throw new ProblemError(new NotFoundProblem(`id: there is no run ${id.slice(0, 60)}`));
    return row;
  }

  private async run(
    actor: Actor,
    request: RunRequest,
    source: SourceRow,
    begun: (row: AdoptionRunRow) => void,
  ): Promise<void> {
    await this.sources.use(source, { write: false }, async (session) => {
      const mapping = await checked(session, request.body);
      const rowsTotal = await countRows(session, mapping);
      if (rowsTotal > source.maxRows)
        throw invalid(
          'mapping.where',
          'TOO_MANY_ROWS',
          `${rowsTotal} rows are adopted, ${source.maxRows} are allowed; filter them, or raise maxRows of the source`,
        );
      const row = this.db.manager.create(AdoptionRunRow, {
        ...newRun(actor, request, rowsTotal),
        sideEffects: JSON.stringify(await foreseen(session, mapping)),
        warnings: JSON.stringify(await escapeWarnings(session, mapping)),
      });
      await this.db.manager.insert(AdoptionRunRow, row);
      begun(row);
      const progress = new RunProgress(this.db, row);
      try {
        await this.pass(actor, request, session, mapping, progress);
        if (!request.dryRun && request.mappingId) await this.tables.imported(request.mappingId, request.body);
        await progress.end('DONE');
      } catch (error) {
        this.logger.warn({ err: error, run: row.id }, 'adoption run failed');
        await progress.end('FAILED', error instanceof Error ? error.message : String(error));
      }
    });
  }

  private async pass(
    actor: Actor,
    { mappingId, dryRun }: RunRequest,
    session: SourceSession,
    mapping: CompiledMapping,
    progress: RunProgress,
  ): Promise<void> {
    const kind = this.kinds.get(mapping.body.documents.kind);
    if (!dryRun && mappingId !== undefined) {
      return this.importer.importAll({ actor, mappingId, kind }, session, mapping, (imported, rows) => {
        progress.imported(imported);
        return progress.advance(rows);
      });
    }
    const documentKeys = new DuplicateKeys();
    for await (const { page, rows } of prefetch(pagesOf(session, mapping, kind))) {
      progress.tried(documentKeys.rejectDuplicates(page));
      await progress.advance(rows);
    }
  }
}

async function checked(session: SourceSession, body: AdoptionBody): Promise<CompiledMapping> {
  const compiled = await compileAt(session, body);
  const problems = compiled.ok ? await keyProblems(session, compiled.mapping) : compiled.problems;
  if (compiled.ok && problems.length === 0) return compiled.mapping;
  throw new ProblemError(
    new ValidationProblem(
      problems.map(({ path, code, message }) => new FieldProblem(`mapping.${path}`, code, message)),
    ),
  );
}

/** What else would change in the old database if the table were written, with how many rows that may reach. */
async function foreseen(session: SourceSession, { table, body }: CompiledMapping): Promise<ForeseenEffect[]> {
  const accepted = (name: string) => body.accepts?.includes(name) ?? false;
  const found: ForeseenEffect[] = [];
  for (const effect of await new Reaches(session).all(table.name)) {
    const rows = effect.cause === 'FOREIGN_KEY' ? ((await countReferring(session, effect)) ?? null) : null;
    const { name, cause, on, table: where } = effect;
    found.push({
      name,
      cause,
      on,
      table: where,
      rows,
      what: explainEffect(effect, rows ?? undefined),
      accepted: accepted(name),
    });
  }
  return [...found, ...table.columns.flatMap((column) => ofColumn(column, table.name, accepted(column.name)))];
}

/** A column whose value the database itself sets. */
function ofColumn(
  { name, generated, updatesItself }: ColumnSchema,
  table: string,
  accepted: boolean,
): ForeseenEffect[] {
  const column = { name, cause: 'COLUMN', on: 'UPDATE', table, rows: null } as const;
  if (generated)
    return [
      {
        ...column,
        accepted,
        what: `the column ${name} is computed from others and follows them; nothing can be written into it`,
      },
    ];
  if (!updatesItself) return [];
  const what = accepted
    ? 'changes by itself on UPDATE; a rollback puts it back'
    : 'would change by itself on UPDATE; it keeps what it has, unless the mapping accepts it by name';
  return [{ ...column, accepted, what: `the column ${name} ${what}` }];
}

function newRun(actor: Actor, { mappingId, body, dryRun }: RunRequest, rowsTotal: number): AdoptionRunRow {
  const now = new Date();
  return {
    ...{
      id: uuidv7(),
      mappingId: mappingId ?? null,
      mapping: canonicalJson(body),
      dryRun,
      state: 'RUNNING',
      error: null,
    },
    ...{
      rowsTotal,
      rowsDone: 0,
      documents: 0,
      changed: 0,
      problemRows: 0,
      problems: '[]',
      removals: '[]',
      sideEffects: null,
      warnings: null,
    },
    ...{ startedBy: actor.id, startedAt: now, seenAt: now },
  };
}
