import { Module } from '@nestjs/common';
import { APP_GUARD } from '@nestjs/core';
import { AuditModule } from '../audit/audit.module.js';
import { RedisModule } from '../publishing/redis.js';
import { AccessGuard } from './access.guard.js';
import { AccessModule } from './access.module.js';
import { ApiTokens } from './api-tokens/api-tokens.js';
import { ApiTokensResolver } from './api-tokens/api-tokens.resolver.js';
import { Authenticator } from './authenticator.js';
import { CurrentCallers } from './current-callers.js';
import { Identification } from './identification.js';
import { PeopleResolver } from './people.resolver.js';
import { FreshSignIn } from './sign-in/fresh-sign-in.js';
import { RefusalLog } from './sign-in/refusal-log.js';
import { SessionsResolver } from './sign-in/sessions.resolver.js';
import { SignIn } from './sign-in/sign-in.js';
import { SignInLimits } from './sign-in/sign-in-limits.js';
import { SignInResolver } from './sign-in/sign-in.resolver.js';
import { UsersResolver } from './users/users.resolver.js';

/** Signing in, and users and tokens in the GraphQL API, with the guard before all of it. */
@Module({
  imports: [AccessModule, AuditModule, RedisModule],
  providers: [
    ApiTokens,
    ApiTokensResolver,
    Authenticator,
    CurrentCallers,
    FreshSignIn,
    Identification,
    RefusalLog,
    SessionsResolver,
    SignIn,
    SignInLimits,
    SignInResolver,
    PeopleResolver,
    UsersResolver,
    { provide: APP_GUARD, useClass: AccessGuard },
  ],
  exports: [Authenticator, CurrentCallers, Identification],
})
export class AccessApiModule {}
