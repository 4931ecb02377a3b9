import { Field, ID, InputType, ObjectType } from '@nestjs/graphql';
import { Type } from 'class-transformer';
import { ArrayMaxSize, ArrayMinSize, IsDate, IsUUID, ValidateNested } from 'class-validator';
import { CountedConnectionOf } from '../../graphql/connection.js';
import { IsText } from '../../graphql/is-text.js';
import { NotFoundProblem } from '../../graphql/problems.js';
import { resultUnion } from '../../graphql/result-union.js';
import type { ApiTokenRow } from '../access.entity.js';
import type { Grant } from '../actor.js';
import { FreshSignInRequiredProblem } from '../sign-in/sign-in.problems.js';
import { GrantInput } from '../users/grant.input.js';
import { GrantObject } from '../users/user.object.js';

@InputType()
export class CreateApiTokenInput {
  @Field({ description: 'Its purpose.' }) @IsText({ min: 1, max: 200 }) name: string;

  @Field(() => [GrantInput], { description: 'Its grants: at most those of its creator.' })
  @ArrayMinSize(1)
  @ArrayMaxSize(20)
  @ValidateNested({ each: true })
  @Type(() => GrantInput)
  grants: GrantInput[];

  @Field({ description: 'At most a year from now.' }) @IsDate() expiresAt: Date;
}

@InputType()
export class RevokeApiTokenInput {
  @Field(() => ID, { description: 'The token to revoke.' }) @IsUUID() id: string;
}

@ObjectType({ description: 'A credential of a program, with its own grants.' })
export class ApiToken {
  @Field(() => ID, { description: 'The id of the token, which is no secret.' }) id: string;
  @Field({ description: 'The name that its owner gave it.' }) name: string;
  @Field(() => ID, { description: 'The user who created it, and whose grants limit it.' }) createdBy: string;
  @Field({ description: 'When the token was created.' }) createdAt: Date;
  @Field({ description: 'When the token ends.' }) expiresAt: Date;
  @Field(() => Date, { nullable: true, description: 'To the minute.' }) lastUsedAt: Date | null;
  @Field(() => Date, { nullable: true, description: 'When the token was revoked; null while it is valid.' })
  revokedAt: Date | null;
  @Field(() => [GrantObject], { description: 'The grants of the token, at most those of its owner.' })
  grants: GrantObject[];

  static of(row: ApiTokenRow, grants: readonly Grant[]): ApiToken {
    const { id, name, createdBy, createdAt, expiresAt, lastUsedAt, revokedAt } = row;
    return Object.assign(new ApiToken(), {
      ...{ id, name, createdBy, createdAt, expiresAt, lastUsedAt, revokedAt },
      grants: grants.map(GrantObject.of),
    });
  }
}

@ObjectType({ description: 'A new API token.' })
export class ApiTokenCreated {
  @Field({ description: 'Send it as `Authorization: Bearer …`. It is shown here only.' }) token: string;
  @Field(() => ApiToken, { description: 'The token without its secret, as lists show it.' }) apiToken: ApiToken;
}

@ObjectType()
export class ApiTokenConnection extends CountedConnectionOf(ApiToken) {}

export const CreateApiTokenResult = resultUnion('CreateApiToken', [ApiTokenCreated, FreshSignInRequiredProblem]);
export const RevokeApiTokenResult = resultUnion('RevokeApiToken', [ApiToken, NotFoundProblem]);
