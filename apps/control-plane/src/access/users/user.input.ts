import { Field, ID, InputType, ObjectType } from '@nestjs/graphql';
import { Type } from 'class-transformer';
import { ArrayMaxSize, IsString, IsUUID, MaxLength, MinLength, ValidateNested } from 'class-validator';
import { ConnectionOf } from '../../graphql/connection.js';
import { IsText } from '../../graphql/is-text.js';
import { NotFoundProblem } from '../../graphql/problems.js';
import { resultUnion } from '../../graphql/result-union.js';
import { InvalidCredentialsProblem, RateLimitedProblem } from '../sign-in/sign-in.problems.js';
import { IsEmailAddress } from '../is-email-address.js';
import { GrantInput } from './grant.input.js';
import { User } from './user.object.js';

export const MIN_PASSWORD_LENGTH = 12;

@InputType()
export class CreateUserInput {
  @Field() @IsEmailAddress() @MaxLength(254) email: string;
  @Field() @IsText({ min: 1, max: 200 }) name: string;
  @Field() @IsString() @MinLength(MIN_PASSWORD_LENGTH) @MaxLength(200) password: string;
  @Field(() => [GrantInput]) @ArrayMaxSize(100) @ValidateNested({ each: true }) @Type(() => GrantInput) grants: GrantInput[];
}

@InputType()
export class SetGrantsInput {
  @Field(() => ID) @IsUUID() userId: string;
  @Field(() => [GrantInput], { description: 'All grants that the user shall have.' })
  @ArrayMaxSize(100)
  @ValidateNested({ each: true })
  @Type(() => GrantInput)
  grants: GrantInput[];
}

@InputType()
export class DeactivateUserInput {
  @Field(() => ID) @IsUUID() userId: string;
}

@InputType()
export class ActivateUserInput {
  @Field(() => ID) @IsUUID() userId: string;
}

@InputType()
export class ChangePasswordInput {
  @Field() @IsString() @MinLength(1) @MaxLength(200) currentPassword: string;
  @Field() @IsString() @MinLength(MIN_PASSWORD_LENGTH) @MaxLength(200) newPassword: string;
}

@InputType()
export class ResetPasswordInput {
  @Field(() => ID) @IsUUID() userId: string;
  @Field() @IsString() @MinLength(MIN_PASSWORD_LENGTH) @MaxLength(200) newPassword: string;
}

@ObjectType({ description: 'The password is changed and all sessions of the user have ended.' })
export class PasswordChanged {
  @Field() at: Date;
}

@ObjectType()
export class UserConnection extends ConnectionOf(User) {}

export const CreateUserResult = resultUnion('CreateUser', [User]);
export const SetGrantsResult = resultUnion('SetGrants', [User, NotFoundProblem]);
export const DeactivateUserResult = resultUnion('DeactivateUser', [User, NotFoundProblem]);
export const ActivateUserResult = resultUnion('ActivateUser', [User, NotFoundProblem]);
export const ChangePasswordResult = resultUnion('ChangePassword', [PasswordChanged, InvalidCredentialsProblem, RateLimitedProblem]);
export const ResetPasswordResult = resultUnion('ResetPassword', [PasswordChanged, NotFoundProblem]);
