import { Field, Int, ObjectType } from '@nestjs/graphql';
import { Problem } from '../../graphql/problems.js';

@ObjectType({ implements: () => Problem, description: 'No active user has this address and password. It does not say which of them is wrong.' })
export class InvalidCredentialsProblem extends Problem {
  constructor() {
    super();
    this.code = 'INVALID_CREDENTIALS';
    this.message = 'the address or the password is wrong';
  }
}

@ObjectType({ implements: () => Problem, description: 'Too many attempts.' })
export class RateLimitedProblem extends Problem {
  @Field(() => Int) retryAfterSeconds: number;

  constructor(retryAfterSeconds: number) {
    super();
    this.code = 'RATE_LIMITED';
    this.message = `too many attempts; try again in ${retryAfterSeconds} s`;
    this.retryAfterSeconds = retryAfterSeconds;
  }
}
