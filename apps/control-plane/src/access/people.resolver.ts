import { Args, ArgsType, Context, Field, Info, ObjectType, Query, Resolver } from '@nestjs/graphql';
import { IsOptional } from 'class-validator';
import type { GraphQLResolveInfo } from 'graphql';
import { Database } from '../database/database.js';
import { CountedConnectionOf } from '../graphql/connection.js';
import { IsText } from '../graphql/is-text.js';
import type { Ordering } from '../graphql/lists/keyset.js';
import { ListArgs } from '../graphql/lists/list-args.js';
import { byQuery, readList } from '../graphql/lists/read-list.js';
import { isSelected } from '../graphql/lists/selected.js';
import type { RequestScope } from '../graphql/request-scope.js';
import { UserRow } from './access.entity.js';
import { Author } from './author.object.js';
import { Authors } from './authors.js';
import { Requires } from './policy.js';
import { readerOf } from './reading.js';

@ObjectType({ description: 'A page of people.' })
export class AuthorConnection extends CountedConnectionOf(Author) {}

@ArgsType()
export class PeopleArgs extends ListArgs {
  @Field(() => String, { nullable: true, description: 'Part of the name.' })
  @IsOptional()
  @IsText({ min: 1, max: 200 })
  text?: string | null;
}

const IN_ORDER_OF_CREATION: Ordering<UserRow, never> = {
  fields: {},
  unique: { sql: 'person.id', type: 'text', of: ({ id }) => id },
  whenAbsent: [],
};

/** The names of all users, for filters and histories. It shows nothing else of a user, and needs no right to manage users. */
@Resolver()
export class PeopleResolver {
  constructor(
    private readonly db: Database,
    private readonly authors: Authors,
  ) {}

  @Query(() => AuthorConnection, {
    description:
      'Everyone who can sign in, by name alone. E-mail addresses are for administrators; `users` has all details.',
  })
  @Requires('document:read')
  people(
    @Args() args: PeopleArgs,
    @Context() scope: RequestScope,
    @Info() info: GraphQLResolveInfo,
  ): Promise<AuthorConnection> {
    return this.db.snapshot((manager) => {
      const query = manager.createQueryBuilder(UserRow, 'person').where('person.active = TRUE');
      if (args.text) query.andWhere('person.name LIKE :text', { text: `%${args.text.replace(/[\\%_]/g, '\\$&')}%` });
      const toAuthor = (row: UserRow) => this.authors.shown(row, readerOf(scope));
      return readList(args, IN_ORDER_OF_CREATION, toAuthor, byQuery(query, isSelected(info, 'totalCount')));
    });
  }
}
