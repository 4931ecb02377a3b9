import { Injectable } from '@nestjs/common';
import { v7 as uuidv7 } from 'uuid';
import type { Tx } from '../../database/database.js';
import { FieldProblem, ProblemError, ValidationProblem } from '../../graphql/problems.js';
import { EnvironmentRow } from '../../releases/release.entity.js';
import { SiteRow } from '../../sites/site.entity.js';
import { GrantRow } from '../access.entity.js';
import { ALL } from '../ability.js';
import type { Grant } from '../actor.js';

const ADMINISTRATORS = `SELECT u.id FROM access_grant g JOIN user u ON u.id = g.holder_id
  WHERE u.active AND g.role = 'ADMIN' AND g.kind = ? AND g.environment = ? AND g.site = ? LIMIT 1`;

/** Writes the grants of users and API tokens. */
@Injectable()
export class Grants {
  /**
   * Replaces all grants of a holder.
   * @throws ProblemError when one names an environment or site that does not exist
   */
  async replace(tx: Tx, holderId: string, grants: readonly Grant[]): Promise<void> {
    await this.targetsMustExist(tx, grants);
    await tx.delete(GrantRow, { holderId });
    const distinct = new Map(
      grants.map((grant) => [JSON.stringify([grant.role, grant.kind, grant.environment, grant.site]), grant]),
    );
    const rows = [...distinct.values()].map(({ role, kind, environment, site }) => ({
      id: uuidv7(),
      holderId,
      role,
      kind,
      environment,
      site,
    }));
    if (rows.length > 0) await tx.insert(GrantRow, rows);
  }

  private async targetsMustExist(tx: Tx, grants: readonly Grant[]): Promise<void> {
    const problems: FieldProblem[] = [];
    for (const [index, { environment, site }] of grants.entries()) {
      if (environment !== ALL && !(await tx.existsBy(EnvironmentRow, { name: environment }))) {
        problems.push(
          new FieldProblem(
            `grants[${index}].environment`,
            'UNKNOWN_ENVIRONMENT',
            `there is no environment ${environment}`,
          ),
        );
      }
      if (site !== ALL && !(await tx.existsBy(SiteRow, { key: site }))) {
        problems.push(new FieldProblem(`grants[${index}].site`, 'UNKNOWN_SITE', `there is no site ${site}`));
      }
    }
    if (problems.length > 0) throw new ProblemError(new ValidationProblem(problems));
  }

  /** Is there an active user who can give grants everywhere? */
  async hasAdministrator(manager: Tx): Promise<boolean> {
    const found: unknown[] = await manager.query(ADMINISTRATORS, [ALL, ALL, ALL]);
    return found.length > 0;
  }

  /** At least one person must remain who can give grants. @throws ProblemError when there would be none */
  async administratorMustRemain(tx: Tx, field: string): Promise<void> {
    const left: unknown[] = await tx.query(`${ADMINISTRATORS} FOR UPDATE`, [ALL, ALL, ALL]);
    if (left.length > 0) return;
    const message = 'no one would be left who can manage access; first give another person the role ADMIN everywhere';
    throw new ProblemError(new ValidationProblem([new FieldProblem(field, 'LAST_ADMINISTRATOR', message)]));
  }
}
