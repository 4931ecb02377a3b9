import { Injectable } from '@nestjs/common';
import DataLoader from 'dataloader';
import { In } from 'typeorm';
import { Database } from '../database/database.js';
import { PerRequest } from '../graphql/request-scope.js';
import { ApiTokenRow, UserRow } from './access.entity.js';
import { Author } from './author.object.js';

/** Names those by whom revisions and releases were made, also when they may do nothing any more. */
@Injectable()
export class Authors {
  constructor(private readonly db: Database) {}

  readonly byId = new PerRequest(
    () =>
      new DataLoader(async (ids: readonly string[]) => {
        const known = In([...ids]);
        const [users, tokens] = await Promise.all([
          this.db.manager.findBy(UserRow, { id: known }),
          this.db.manager.findBy(ApiTokenRow, { id: known }),
        ]);
        const authors = new Map([
          ...tokens.map(({ id, name }) => [id, author(id, name, null)] as const),
          ...users.map(({ id, name, email }) => [id, author(id, name, email)] as const),
        ]);
        return ids.map((id) => authors.get(id) ?? author(id, id, null));
      }),
  );
}

function author(id: string, name: string, email: string | null): Author {
  return Object.assign(new Author(), { id, name, email });
}
