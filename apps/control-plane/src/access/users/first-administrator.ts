import { Injectable } from '@nestjs/common';
import { plainToInstance } from 'class-transformer';
import { validate } from 'class-validator';
import { Database } from '../../database/database.js';
import { fieldProblems } from '../../graphql/input-validation.js';
import { FieldProblem, ProblemError, ValidationProblem } from '../../graphql/problems.js';
import { SYSTEM } from '../actor.js';
import { NewPasswords } from '../passwords/new-passwords.js';
import { Grants } from './grants.js';
import { CreateUserInput } from './user.input.js';
import type { User } from './user.object.js';
import { Users } from './users.js';

/** Only the holder of this database lock may decide that there is no administrator yet. */
const LOCK = 'paddock-first-administrator';
const LOCK_SECONDS = 30;

export interface Administrator {
  readonly email: string;
  readonly name: string;
  readonly password: string;
}

/**
 * Creates an administrator without being one: for the command line on the server, which acts as the installation itself.
 * Everything else follows the rules of `createUser`, and the audit log has the entry.
 */
@Injectable()
export class FirstAdministrator {
  constructor(
    private readonly db: Database,
    private readonly users: Users,
    private readonly grants: Grants,
    private readonly passwords: NewPasswords,
  ) {}

  /**
   * @param force creates another administrator where there is one, for an installation whose administrators are locked out
   * @throws ProblemError with every mistake at once, or where there is an administrator
   */
  async create(administrator: Administrator, { force = false } = {}): Promise<User> {
    await this.check(administrator);
    return this.alone(async () => {
      if (!force && (await this.grants.hasAdministrator(this.db.manager)))
        throw new ProblemError(
          new ValidationProblem([
            new FieldProblem(
              'email',
              'ADMINISTRATOR_EXISTS',
              'there is an active administrator, who creates further users with createUser; --force creates another one',
            ),
          ]),
        );
      return this.users.create(SYSTEM, { ...administrator, grants: SYSTEM.grants });
    });
  }

  private async check({ email, name, password }: Administrator): Promise<void> {
    const input = plainToInstance(CreateUserInput, { email, name, password, grants: [] });
    const problems = [
      ...fieldProblems(await validate(input)),
      ...(await this.passwords.problems({ password, field: 'password', owner: { email, name } })),
    ];
    const distinct = new Map(problems.map((problem) => [`${problem.path} ${problem.message}`, problem]));
    if (distinct.size > 0) throw new ProblemError(new ValidationProblem([...distinct.values()]));
  }

  /** One at a time: two that start together must not both find that there is no administrator. */
  private async alone<T>(work: () => Promise<T>): Promise<T> {
    const runner = this.db.manager.connection.createQueryRunner();
    try {
      const [answer]: { locked: number | string | null }[] = await runner.query('SELECT GET_LOCK(?, ?) AS locked', [
        LOCK,
        LOCK_SECONDS,
      ]);
      if (Number(answer?.locked) !== 1) throw new Error('another command has been creating an administrator for 30 s');
      return await work();
    } finally {
      await runner.query('SELECT RELEASE_LOCK(?)', [LOCK]).finally(() => runner.release());
    }
  }
}
