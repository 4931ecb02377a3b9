import { Injectable } from '@nestjs/common';
import { type AdoptionBody, ALL_SITES } from '@paddock/contracts';
import { Access } from '../../access/access.js';
import type { Actor } from '../../access/actor.js';
import { Audit } from '../../audit/audit.js';
import { Database } from '../../database/database.js';
import { FieldProblem, ProblemError, ValidationProblem } from '../../graphql/problems.js';
import { SiteRow } from '../../sites/site.entity.js';

/** A mapping to be run over its table: a document's draft, or one that is no document yet. */
export interface RunRequest {
  mappingId: string | undefined;
  body: AdoptionBody;
  dryRun: boolean;
}

/** Running a mapping requires the right to write mappings; an import also requires the right to write its documents. */
@Injectable()
export class RunPermissions {
  constructor(
    private readonly db: Database,
    private readonly access: Access,
    private readonly audit: Audit,
  ) {}

  async authorize(actor: Actor, { mappingId, body, dryRun }: RunRequest): Promise<void> {
    const site = body.documents.site ?? ALL_SITES;
    this.access.authorize(actor, 'document:write', { kind: 'adoption', site: ALL_SITES });
    if (site !== ALL_SITES && !(await this.db.manager.existsBy(SiteRow, { key: site })))
      throw invalid('mapping.documents.site', 'UNKNOWN_SITE', `there is no site ${JSON.stringify(site)}`);
    if (dryRun) return;
    if (mappingId === undefined)
      throw invalid('mapping', 'NOT_SAVED', 'save the mapping as a draft before importing by it');
    if (body.mode === 'RETIRED') throw invalid('mapping.mode', 'RETIRED', 'a retired mapping imports nothing');
    this.access.authorize(actor, 'document:write', { kind: body.documents.kind, site });
    await this.db.tx((tx) =>
      this.audit.append(tx, {
        actor,
        action: 'adoption.import-started',
        targetType: 'adoption',
        targetId: mappingId,
        details: { source: body.source, table: body.table },
      }),
    );
  }
}

/** One mistake, as the problem that the mutation returns. */
export function invalid(path: string, code: string, message: string): ProblemError {
  return new ProblemError(new ValidationProblem([new FieldProblem(path, code, message)]));
}
