import { Field, Int, ObjectType } from '@nestjs/graphql';
import { Problem } from '../../graphql/problems.js';

@ObjectType({
  implements: () => Problem,
  description: 'No active user has this address and password. It does not say which of them is wrong.',
})
export class InvalidCredentialsProblem extends Problem {
  constructor() {
    super();
    this.code = 'INVALID_CREDENTIALS';
    this.message = 'the address or the password is wrong';
  }
}

@ObjectType({
  implements: () => Problem,
  description:
    'This needs a proof of the password that is a few minutes old at most. Call `confirmPassword`, then send this again.',
})
export class FreshSignInRequiredProblem extends Problem {
  @Field(() => Int, { description: 'How many minutes a proof counts.' }) withinMinutes: number;

  constructor(withinMinutes: number) {
    super();
    this.code = 'FRESH_SIGN_IN_REQUIRED';
    this.message = `this needs a sign-in of the last ${withinMinutes} minutes: confirm your password with confirmPassword, then send this again`;
    this.withinMinutes = withinMinutes;
  }
}

@ObjectType({ implements: () => Problem, description: 'Too many attempts.' })
export class RateLimitedProblem extends Problem {
  @Field(() => Int, { description: 'After how many seconds to try again.' }) retryAfterSeconds: number;

  constructor(retryAfterSeconds: number) {
    super();
    this.code = 'RATE_LIMITED';
    this.message = `too many attempts; try again in ${retryAfterSeconds} s`;
    this.retryAfterSeconds = retryAfterSeconds;
  }
}
