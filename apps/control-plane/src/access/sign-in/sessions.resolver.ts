import { Args, Context, Mutation, Query, Resolver } from '@nestjs/graphql';
import { Audit } from '../../audit/audit.js';
import { Database } from '../../database/database.js';
import { NotFoundProblem, ProblemError } from '../../graphql/problems.js';
import type { RequestScope } from '../../graphql/request-scope.js';
import { EVERYWHERE } from '../ability.js';
import { Access } from '../access.js';
import type { SessionRow } from '../access.entity.js';
import type { Actor } from '../actor.js';
import { CurrentActor } from '../current-actor.js';
import { SignedIn } from '../policy.js';
import {
  RevokeSessionInput,
  RevokeSessionResult,
  sessionIdOf,
  SessionsArgs,
  UserSession,
} from './user-session.object.js';
import { Sessions } from './sessions.js';

/** Where a person is signed in, and how to end that. */
@Resolver()
export class SessionsResolver {
  constructor(
    private readonly db: Database,
    private readonly kept: Sessions,
    private readonly access: Access,
    private readonly audit: Audit,
  ) {}

  @Query(() => [UserSession], { description: 'The sessions of a user that have not ended, the newest 100 first.' })
  @SignedIn()
  async sessions(
    @CurrentActor() actor: Actor,
    @Args() args: SessionsArgs,
    @Context() scope: RequestScope,
  ): Promise<UserSession[]> {
    const rows = await this.kept.list(this.owner(actor, args.userId));
    return rows.map((row) => UserSession.of(row, currentOf(scope)));
  }

  @Mutation(() => RevokeSessionResult, { description: 'Ends a session at once, its open sockets within seconds.' })
  @SignedIn()
  async revokeSession(
    @CurrentActor() actor: Actor,
    @Args('input') input: RevokeSessionInput,
    @Context() scope: RequestScope,
  ): Promise<UserSession> {
    const userId = this.owner(actor, input.userId);
    const row = await this.find(userId, input.id);
    await this.db.tx(async (tx) => {
      await this.kept.end(tx, row.tokenSha256);
      await this.audit.append(tx, {
        actor,
        action: 'session.revoked',
        targetType: 'user',
        targetId: userId,
        details: { session: input.id, ip: row.ip },
      });
    });
    return UserSession.of(row, currentOf(scope));
  }

  private async find(userId: string, id: string): Promise<SessionRow> {
    const row = (await this.kept.list(userId)).find(({ tokenSha256 }) => sessionIdOf(tokenSha256) === id);
    if (!row) throw new ProblemError(new NotFoundProblem(`id: there is no session ${id}`));
    return row;
  }

  private owner(actor: Actor, userId: string | null | undefined): string {
    if (userId != null && userId !== actor.id) this.access.authorize(actor, 'access:manage', EVERYWHERE);
    return userId ?? actor.id;
  }
}

function currentOf({ caller: { credential } }: RequestScope): string | undefined {
  return credential?.type === 'SESSION' ? credential.sha256 : undefined;
}
