import { Injectable } from '@nestjs/common';
import DataLoader from 'dataloader';
import { In } from 'typeorm';
import { Database } from '../database/database.js';
import { PerRequest } from '../graphql/request-scope.js';
import { abilityOf, EVERYWHERE } from './ability.js';
import { ApiTokenRow, UserRow } from './access.entity.js';
import type { Actor } from './actor.js';
import { Author } from './author.object.js';
import { readerOf } from './reading.js';

/** Names the authors of revisions and releases, even if they have no rights any more. */
@Injectable()
export class Authors {
  constructor(private readonly db: Database) {}

  /** A user as a reader may see them. */
  shown({ id, name, email }: Pick<UserRow, 'id' | 'name' | 'email'>, reader: Actor): Author {
    return author(id, name, mayReadEmail(reader, id) ? email : null);
  }

  readonly byId = new PerRequest(
    (scope) =>
      new DataLoader(async (ids: readonly string[]) => {
        const known = In([...ids]);
        const [users, tokens] = await Promise.all([
          this.db.manager.findBy(UserRow, { id: known }),
          this.db.manager.findBy(ApiTokenRow, { id: known }),
        ]);
        const authors = new Map([
          ...tokens.map(({ id, name }) => [id, author(id, name, null)] as const),
          ...users.map((user) => [user.id, this.shown(user, readerOf(scope))] as const),
        ]);
        return ids.map((id) => authors.get(id) ?? author(id, id, null));
      }),
  );
}

/** The caller's own address; all addresses for callers who manage users. */
function mayReadEmail(reader: Actor, userId: string): boolean {
  return reader.id === userId || abilityOf(reader).can('access:manage', EVERYWHERE);
}

function author(id: string, name: string, email: string | null): Author {
  return Object.assign(new Author(), { id, name, email });
}
