import { Args, Mutation, Query, Resolver } from '@nestjs/graphql';
import { type Connection, connectionOf } from '../../graphql/connection.js';
import { PageArgs } from '../../graphql/page-args.js';
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

@Resolver()
export class ApiTokensResolver {
  constructor(
    private readonly tokens: ApiTokens,
    private readonly actors: Actors,
  ) {}

  @Query(() => ApiTokenConnection, {
    description: 'One’s own API tokens, newest first; everybody’s for whoever manages access.',
  })
  @SignedIn()
  async apiTokens(@CurrentActor() actor: Actor, @Args() page: PageArgs): Promise<Connection<ApiToken>> {
    const rows = await this.tokens.list(actor, { limit: page.limit, before: page.position });
    const grants = await this.actors.grants(rows.map((row) => row.id));
    return connectionOf(
      page,
      rows,
      (row) => ApiToken.of(row, grants.get(row.id) ?? []),
      (row) => row.id,
    );
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
}
