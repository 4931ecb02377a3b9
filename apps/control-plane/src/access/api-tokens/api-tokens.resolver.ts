import { Args, Info, Mutation, Query, Resolver } from '@nestjs/graphql';
import type { GraphQLResolveInfo } from 'graphql';
import { Database } from '../../database/database.js';
import type { CountedConnection } from '../../graphql/connection.js';
import type { Ordering } from '../../graphql/lists/keyset.js';
import { ListArgs } from '../../graphql/lists/list-args.js';
import { byQuery, readList } from '../../graphql/lists/read-list.js';
import { isSelected } from '../../graphql/lists/selected.js';
import type { ApiTokenRow } from '../access.entity.js';
import type { Actor } from '../actor.js';
import { Actors } from '../actors.js';
import { CurrentActor } from '../current-actor.js';
import { NeedsFreshSignIn, SignedIn } from '../policy.js';
import { toGrant } from '../users/grant.input.js';
import {
  ApiToken,
  ApiTokenConnection,
  ApiTokenCreated,
  CreateApiTokenInput,
  CreateApiTokenResult,
  RevokeApiTokenInput,
  RevokeApiTokenResult,
} from './api-token.object.js';
import { ApiTokens } from './api-tokens.js';

/** The only order of API tokens: the newest first. */
const TOKEN_ORDER: Ordering<ApiToken, never> = {
  fields: {},
  unique: { sql: 'token.id', type: 'text', of: ({ id }) => id },
  uniqueDirection: 'DESC',
  whenAbsent: [],
};

@Resolver()
export class ApiTokensResolver {
  constructor(
    private readonly tokens: ApiTokens,
    private readonly actors: Actors,
    private readonly db: Database,
  ) {}

  @Query(() => ApiTokenConnection, {
    description: 'The caller’s own API tokens, newest first; all tokens for callers who manage access.',
  })
  @SignedIn()
  async apiTokens(
    @CurrentActor() actor: Actor,
    @Args() args: ListArgs,
    @Info() info: GraphQLResolveInfo,
  ): Promise<CountedConnection<ApiToken>> {
    return this.db.snapshot((manager) => {
      const { slice, count } = byQuery(this.tokens.readable(actor, manager), isSelected(info, 'totalCount'));
      return readList(args, TOKEN_ORDER, (token) => token, {
        slice: async (part) => this.allWithGrants(await slice(part)),
        count,
      });
    });
  }

  @Mutation(() => CreateApiTokenResult, {
    description: 'Makes an API token. It needs a fresh sign-in; a token makes no tokens.',
  })
  @SignedIn()
  @NeedsFreshSignIn()
  async createApiToken(
    @CurrentActor() actor: Actor,
    @Args('input') input: CreateApiTokenInput,
  ): Promise<ApiTokenCreated> {
    const { row, token } = await this.tokens.create(actor, { ...input, grants: input.grants.map(toGrant) });
    return Object.assign(new ApiTokenCreated(), { token, apiToken: await this.withGrants(row) });
  }

  @Mutation(() => RevokeApiTokenResult, { description: 'Ends an API token at once, its open sockets within seconds.' })
  @SignedIn()
  async revokeApiToken(@CurrentActor() actor: Actor, @Args('input') input: RevokeApiTokenInput): Promise<ApiToken> {
    return this.withGrants(await this.tokens.revoke(actor, input.id));
  }

  private async withGrants(row: ApiTokenRow): Promise<ApiToken> {
    const grants = await this.actors.grants([row.id]);
    return ApiToken.of(row, grants.get(row.id) ?? []);
  }

  private async allWithGrants(rows: readonly ApiTokenRow[]): Promise<ApiToken[]> {
    const grants = await this.actors.grants(rows.map((row) => row.id));
    return rows.map((row) => ApiToken.of(row, grants.get(row.id) ?? []));
  }
}
