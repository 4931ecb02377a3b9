import { Injectable } from '@nestjs/common';
import { v7 as uuidv7 } from 'uuid';
import { isDuplicateKey } from '@paddock/mysql';
import { Audit } from '../../audit/audit.js';
import { Database, type Tx } from '../../database/database.js';
import type { Ordering, Slice } from '../../graphql/lists/keyset.js';
import type { ListArgs } from '../../graphql/lists/list-args.js';
import type { Order } from '../../graphql/lists/order.js';
import { byQuery, readList } from '../../graphql/lists/read-list.js';
import { FieldProblem, NotFoundProblem, ProblemError, ValidationProblem } from '../../graphql/problems.js';
import { NewPasswords } from '../passwords/new-passwords.js';
import { Sessions } from '../sign-in/sessions.js';
import { type Role, UserRow } from '../access.entity.js';
import type { Actor, Grant } from '../actor.js';
import { Actors } from '../actors.js';
import { Grants } from './grants.js';
import { User } from './user.object.js';

export interface NewUser {
  email: string;
  name: string;
  password: string;
  grants: readonly Grant[];
}

/** Which users a list has. */
export interface UserFilter {
  /** Part of the name or the address. */
  text?: string;
  active?: boolean;
  /** Has this role somewhere. */
  role?: Role;
}

export const USER_ORDER = {
  CREATED_AT: 'When the user was made.',
  NAME: 'The name, without regard to case.',
  EMAIL: 'The e-mail address.',
} as const;
export type UserOrderField = keyof typeof USER_ORDER;

const USER_ORDERING: Ordering<User, UserOrderField> = {
  fields: {
    CREATED_AT: { sql: 'user.createdAt', type: 'time', of: ({ createdAt }) => createdAt },
    NAME: { sql: 'user.name', type: 'text', of: ({ name }) => name },
    EMAIL: { sql: 'user.email', type: 'text', of: ({ email }) => email },
  },
  unique: { sql: 'user.id', type: 'text', of: ({ id }) => id },
  whenAbsent: [],
};

/** Who can sign in, and with which grants. The callers have checked that the actor may manage access. */
@Injectable()
export class Users {
  constructor(
    private readonly db: Database,
    private readonly actors: Actors,
    private readonly grants: Grants,
    private readonly passwords: NewPasswords,
    private readonly sessions: Sessions,
    private readonly audit: Audit,
  ) {}

  async byId(id: string): Promise<User | undefined> {
    const row = await this.db.manager.findOneBy(UserRow, { id });
    return row ? (await this.toUsers([row]))[0] : undefined;
  }

  /** Those that a filter leaves, as a page of a list. */
  list(filter: UserFilter, args: ListArgs & { orderBy?: readonly Order<UserOrderField>[] | null }, counted: boolean) {
    return this.db.snapshot((manager) => {
      const query = manager.createQueryBuilder(UserRow, 'user').where('1 = 1');
      const { text, active, role } = filter;
      if (text !== undefined)
        query.andWhere('(user.name LIKE :text OR user.email LIKE :text)', {
          text: `%${text.replace(/[\\%_]/g, '\\$&')}%`,
        });
      if (active !== undefined) query.andWhere('user.active = :active', { active });
      if (role !== undefined)
        query.andWhere(
          'EXISTS (SELECT 1 FROM access_grant held WHERE held.holder_id = user.id AND held.role = :role)',
          { role },
        );
      const { slice, count } = byQuery(query, counted);
      const rows = async (part: Slice) => this.toUsers(await slice(part));
      return readList(args, USER_ORDERING, (user: User) => user, { slice: rows, count });
    });
  }

  /** @throws ProblemError when the address is taken or a grant names what does not exist */
  async create(actor: Actor, { email, name, password, grants }: NewUser): Promise<User> {
    const id = uuidv7();
    const passwordHash = await this.passwords.accept({ password, field: 'password', owner: { email, name } });
    await this.db.tx(async (tx) => {
      try {
        await tx.insert(UserRow, {
          id,
          email: email.toLowerCase(),
          name,
          passwordHash,
          active: true,
          createdAt: new Date(),
        });
      } catch (error) {
        if (!isDuplicateKey(error)) throw error;
        throw new ProblemError(
          new ValidationProblem([new FieldProblem('email', 'TAKEN', `there is a user with the address ${email}`)]),
        );
      }
      await this.grants.replace(tx, id, grants);
      await this.note(tx, actor, 'user.created', id, { email: email.toLowerCase(), grants });
    });
    return this.findOrThrow(id);
  }

  /** Replaces all of a user's grants; they hold from the next request on. */
  async setGrants(actor: Actor, userId: string, grants: readonly Grant[]): Promise<User> {
    await this.change(userId, async (tx) => {
      await this.grants.replace(tx, userId, grants);
      await this.grants.administratorMustRemain(tx, 'grants');
      await this.note(tx, actor, 'user.grants-set', userId, { grants });
    });
    return this.findOrThrow(userId);
  }

  /** A user who is not active has no sessions, and their API tokens are void. */
  async setActive(actor: Actor, userId: string, active: boolean): Promise<User> {
    await this.change(userId, async (tx) => {
      await tx.update(UserRow, { id: userId }, { active });
      if (!active) await this.sessions.endAll(tx, userId);
      await this.grants.administratorMustRemain(tx, 'userId');
      await this.note(tx, actor, active ? 'user.activated' : 'user.deactivated', userId, {});
    });
    return this.findOrThrow(userId);
  }

  /** Ends all of the user's sessions. `field` is the input's, for the refusal of a password that breaks a rule. */
  async setPassword(actor: Actor, userId: string, password: string, field: string): Promise<void> {
    const owner = await this.db.manager.findOneBy(UserRow, { id: userId });
    if (!owner) throw new ProblemError(new NotFoundProblem(`userId: there is no user ${userId}`));
    const passwordHash = await this.passwords.accept({ password, field, owner });
    await this.change(userId, async (tx) => {
      await tx.update(UserRow, { id: userId }, { passwordHash });
      await this.sessions.endAll(tx, userId);
      await this.note(tx, actor, 'user.password-changed', userId, {});
    });
  }

  /** Changes of one user happen one after the other. */
  private async change(userId: string, work: (tx: Tx) => Promise<void>): Promise<void> {
    await this.db.tx(async (tx) => {
      const user = await tx.findOne(UserRow, { where: { id: userId }, lock: { mode: 'pessimistic_write' } });
      if (!user) throw new ProblemError(new NotFoundProblem(`userId: there is no user ${userId}`));
      await work(tx);
    });
  }

  private note(tx: Tx, actor: Actor, action: string, userId: string, details: object): Promise<void> {
    return this.audit.append(tx, { actor, action, targetType: 'user', targetId: userId, details });
  }

  private async findOrThrow(id: string): Promise<User> {
    const user = await this.byId(id);
    if (!user) throw new Error(`user ${id} vanished`);
    return user;
  }

  private async toUsers(rows: readonly UserRow[]): Promise<User[]> {
    const grants = await this.actors.grants(rows.map((row) => row.id));
    return rows.map((row) => User.of(row, grants.get(row.id) ?? []));
  }
}
