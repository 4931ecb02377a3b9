import { Field, InputType, ObjectType } from '@nestjs/graphql';
import { IsString, MaxLength, MinLength } from 'class-validator';
import { resultUnion } from '../../graphql/result-union.js';
import { IsEmailAddress } from '../is-email-address.js';
import { MAX_PASSWORD_LENGTH } from '../passwords/password-policy.js';
import { User } from '../users/user.object.js';
import { InvalidCredentialsProblem, RateLimitedProblem } from './sign-in.problems.js';

@InputType()
export class SignInInput {
  @Field({ description: 'The address of the user.' }) @IsEmailAddress() @MaxLength(254) email: string;
  @Field({ description: 'The password of the user.' })
  @IsString()
  @MinLength(1)
  @MaxLength(MAX_PASSWORD_LENGTH)
  password: string;
}

@ObjectType({ description: 'A signed-in user. Ends 30 minutes after the last request, or at `expiresAt`.' })
export class Session {
  @Field({
    description: 'Send it as `Authorization: Bearer …`. Browsers get it as a cookie besides. It is shown here only.',
  })
  token: string;
  @Field({ description: 'When the session ends at the latest.' }) expiresAt: Date;
  @Field({ description: 'Until then it may do what needs a fresh sign-in; `confirmPassword` prolongs that.' })
  freshUntil: Date;
  @Field(() => User, { description: 'Who signed in.' }) user: User;
}

@InputType()
export class ConfirmPasswordInput {
  @Field({ description: 'The caller’s own password.' })
  @IsString()
  @MinLength(1)
  @MaxLength(MAX_PASSWORD_LENGTH)
  password: string;
}

@ObjectType({ description: 'The password is right: this session may do what needs a fresh sign-in.' })
export class PasswordConfirmed {
  @Field({ description: 'When it was checked.' }) at: Date;
  @Field({ description: 'Until when the proof counts.' }) freshUntil: Date;
}

@ObjectType({ description: 'The session has ended.' })
export class SignedOut {
  @Field({ description: 'When the session ended.' }) at: Date;
}

export const SignInResult = resultUnion('SignIn', [Session, InvalidCredentialsProblem, RateLimitedProblem], {
  forbidden: false,
});
export const ConfirmPasswordResult = resultUnion('ConfirmPassword', [
  PasswordConfirmed,
  InvalidCredentialsProblem,
  RateLimitedProblem,
]);
export const SignOutResult = resultUnion('SignOut', [SignedOut]);
