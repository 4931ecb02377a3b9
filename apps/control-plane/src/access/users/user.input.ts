import { ArgsType, Field, ID, InputType, ObjectType } from '@nestjs/graphql';
import { Type } from 'class-transformer';
import {
  ArrayMaxSize,
  IsBoolean,
  IsIn,
  IsOptional,
  IsString,
  IsUUID,
  MaxLength,
  MinLength,
  ValidateNested,
} from 'class-validator';
import { CountedConnectionOf } from '../../graphql/connection.js';
import { IsText } from '../../graphql/is-text.js';
import { ListArgs } from '../../graphql/lists/list-args.js';
import { type Order, OrderBy, orderInput } from '../../graphql/lists/order.js';
import { NotFoundProblem } from '../../graphql/problems.js';
import { resultUnion } from '../../graphql/result-union.js';
import {
  FreshSignInRequiredProblem,
  InvalidCredentialsProblem,
  RateLimitedProblem,
} from '../sign-in/sign-in.problems.js';
import { IsEmailAddress } from '../is-email-address.js';
import { MAX_PASSWORD_LENGTH } from '../passwords/password-policy.js';
import { GrantInput } from './grant.input.js';
import { type Role, ROLES } from '../access.entity.js';
import { RoleEnum, User } from './user.object.js';
import { USER_ORDER, type UserOrderField } from './users.js';

const NEW_PASSWORD =
  'At least 15 characters, spaces count; no kind of character is asked for (NIST SP 800-63B-4). It must not be, or be derived from, ' +
  'a password known from breaches, the address, the name, a site or the product, and must not consist of repetitions and runs.';

@InputType()
export class CreateUserInput {
  @Field({ description: 'The address with which the user signs in.' }) @IsEmailAddress() @MaxLength(254) email: string;
  @Field({ description: 'The name to show.' }) @IsText({ min: 1, max: 200 }) name: string;
  @Field({ description: NEW_PASSWORD }) @IsString() @MaxLength(MAX_PASSWORD_LENGTH) password: string;
  @Field(() => [GrantInput], { description: 'The grants of the user.' })
  @ArrayMaxSize(100)
  @ValidateNested({ each: true })
  @Type(() => GrantInput)
  grants: GrantInput[];
}

@InputType()
export class SetGrantsInput {
  @Field(() => ID, { description: 'The user whose grants are replaced.' }) @IsUUID() userId: string;
  @Field(() => [GrantInput], { description: 'All grants that the user shall have.' })
  @ArrayMaxSize(100)
  @ValidateNested({ each: true })
  @Type(() => GrantInput)
  grants: GrantInput[];
}

@InputType()
export class DeactivateUserInput {
  @Field(() => ID, { description: 'The user who may no longer sign in.' }) @IsUUID() userId: string;
}

@InputType()
export class ActivateUserInput {
  @Field(() => ID, { description: 'The user who may sign in again.' }) @IsUUID() userId: string;
}

@InputType()
export class ChangePasswordInput {
  @Field({ description: 'The password that you have now.' })
  @IsString()
  @MinLength(1)
  @MaxLength(MAX_PASSWORD_LENGTH)
  currentPassword: string;
  @Field({ description: NEW_PASSWORD }) @IsString() @MaxLength(MAX_PASSWORD_LENGTH) newPassword: string;
}

@InputType()
export class ResetPasswordInput {
  @Field(() => ID, { description: 'The user who gets a new password.' }) @IsUUID() userId: string;
  @Field({ description: NEW_PASSWORD }) @IsString() @MaxLength(MAX_PASSWORD_LENGTH) newPassword: string;
}

@ObjectType({ description: 'The password is changed and all sessions of the user have ended.' })
export class PasswordChanged {
  @Field({ description: 'When the password was changed.' }) at: Date;
}

@ObjectType({ description: 'A page of users.' })
export class UserConnection extends CountedConnectionOf(User) {}

const UserOrder = orderInput('User', USER_ORDER);

@ArgsType()
export class UsersArgs extends ListArgs {
  @Field(() => String, { nullable: true, description: 'Part of the name or the address.' })
  @IsOptional()
  @IsText({ min: 1, max: 200 })
  text?: string | null;

  @Field(() => Boolean, { nullable: true, description: 'Users who can sign in, or who were deactivated.' })
  @IsOptional()
  @IsBoolean()
  active?: boolean | null;

  @Field(() => RoleEnum, { nullable: true, description: 'Users who have this role somewhere.' })
  @IsOptional()
  @IsIn(ROLES)
  role?: Role | null;

  @OrderBy(UserOrder, 'in the order in which they were made')
  orderBy?: Order<UserOrderField>[] | null;
}

export const CreateUserResult = resultUnion('CreateUser', [User, FreshSignInRequiredProblem]);
export const SetGrantsResult = resultUnion('SetGrants', [User, NotFoundProblem, FreshSignInRequiredProblem]);
export const DeactivateUserResult = resultUnion('DeactivateUser', [User, NotFoundProblem]);
export const ActivateUserResult = resultUnion('ActivateUser', [User, NotFoundProblem, FreshSignInRequiredProblem]);
export const ChangePasswordResult = resultUnion('ChangePassword', [
  PasswordChanged,
  InvalidCredentialsProblem,
  RateLimitedProblem,
]);
export const ResetPasswordResult = resultUnion('ResetPassword', [
  PasswordChanged,
  NotFoundProblem,
  FreshSignInRequiredProblem,
]);
