import { Injectable } from '@nestjs/common';
import type { AdoptionBody } from '@paddock/contracts';
import { KindRegistry } from '../../documents/kind-registry.js';
import { FieldProblem, ProblemError, ValidationProblem } from '../../graphql/problems.js';
import { packCells, unpackCells } from '../rows/row-cells.js';
import { pageAfter } from '../rows/scan.js';
import { Sources } from '../source/sources.js';
import { compileAt } from '../tables/table-reader.js';
import { type Candidate, candidates } from './candidates.js';
import { pagesOf } from './candidate-pages.js';

/** What rows would become, page by page, read from the table when it is asked for. */
@Injectable()
export class Previews {
  constructor(
    private readonly kinds: KindRegistry,
    private readonly sources: Sources,
  ) {}

  /** Each candidate with where it stands, for the cursor. */
  async page(
    body: AdoptionBody,
    { limit, after }: { limit: number; after: string | undefined },
  ): Promise<{ candidate: Candidate; position: string }[]> {
    const source = await this.sources.findOrThrow(body.source);
    const kind = this.kinds.get(body.documents.kind);
    return this.sources.use(source, { write: false }, async (session) => {
      const compiled = await compileAt(session, body);
      if (!compiled.ok) throw new ProblemError(new ValidationProblem(compiled.problems));
      const { mapping } = compiled;
      if (mapping.gatherAt) {
        const all: Candidate[] = [];
        for await (const { page } of pagesOf(session, mapping, kind)) all.push(...page);
        const from = Number(after ?? 0) || 0;
        return all.slice(from, from + limit).map((candidate, at) => ({ candidate, position: String(from + at + 1) }));
      }
      const rows = await pageAfter(
        session,
        mapping,
        after === undefined ? undefined : keyOf(after, mapping.keyLength),
        limit,
      );
      return candidates(rows, mapping, kind).map((candidate) => ({
        candidate,
        position: packCells(candidate.rows[0]?.cells.slice(0, mapping.keyLength) ?? []),
      }));
    });
  }
}

function keyOf(position: string, length: number): readonly (Buffer | null)[] {
  try {
    const cells = unpackCells(position);
    if (cells.length === length) return cells;
  } catch {
    // Not a cursor of ours.
  }
  throw new ProblemError(
    new ValidationProblem([new FieldProblem('after', 'INVALID_CURSOR', 'is no cursor of this list')]),
  );
}
