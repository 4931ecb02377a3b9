import { Injectable } from '@nestjs/common';
import { Database } from '../../database/database.js';
import { FieldProblem, ProblemError, ValidationProblem } from '../../graphql/problems.js';
import { SiteRow } from '../../sites/site.entity.js';
import { passwordProblems } from './password-policy.js';
import { Passwords } from './passwords.js';

export interface NewPassword {
  password: string;
  /** The input's field, for the refusal. */
  field: string;
  owner: { email: string; name: string };
}

/** The one way by which a password is set: by its owner, by an administrator, by the seed. */
@Injectable()
export class NewPasswords {
  constructor(
    private readonly db: Database,
    private readonly passwords: Passwords,
  ) {}

  /**
   * @returns its hash, to be stored
   * @throws ProblemError with every rule that the password breaks
   */
  async accept(wanted: NewPassword): Promise<string> {
    const problems = await this.problems(wanted);
    if (problems.length > 0) throw new ProblemError(new ValidationProblem(problems));
    return this.passwords.hash(wanted.password);
  }

  /** Every rule that the password breaks, for callers that report other mistakes with them. */
  async problems({ password, field, owner }: NewPassword): Promise<FieldProblem[]> {
    const sites = await this.db.manager.find(SiteRow, { select: { key: true, name: true } });
    return passwordProblems(password, { ...owner, sites: sites.flatMap(({ key, name }) => [key, name]) }).map(
      ({ code, message }) => new FieldProblem(field, code, message),
    );
  }
}
