import { ArgsType, Field, ID, InputType, ObjectType } from '@nestjs/graphql';
import { IsOptional, IsString, IsUUID, Matches } from 'class-validator';
import { sha256Hex } from '@paddock/contracts';
import { NotFoundProblem } from '../../graphql/problems.js';
import { resultUnion } from '../../graphql/result-union.js';
import type { SessionRow } from '../access.entity.js';

@ArgsType()
export class SessionsArgs {
  @Field(() => ID, {
    nullable: true,
    description: 'The user of the sessions; the caller by default. Sessions of others require access:manage.',
  })
  @IsOptional()
  @IsUUID()
  userId?: string | null;
}

@InputType()
export class RevokeSessionInput {
  @Field(() => ID, { description: 'As `sessions` shows it.' })
  @IsString()
  @Matches(/^[0-9a-f]{32}$/, { message: 'id must be the id of a session' })
  id: string;

  @Field(() => ID, {
    nullable: true,
    description: 'The user of the session; the caller by default. A session of another user requires access:manage.',
  })
  @IsOptional()
  @IsUUID()
  userId?: string | null;
}

@ObjectType({ description: 'A session of a user that has not ended: a browser or a program that is signed in.' })
export class UserSession {
  @Field(() => ID, { description: 'Identifies the session; it is no credential.' }) id: string;
  @Field({ description: 'When the user signed in.' }) createdAt: Date;
  @Field({ description: 'The last request, to the minute.' }) lastSeenAt: Date;
  @Field({ description: 'When it ends at the latest.' }) expiresAt: Date;
  @Field(() => String, {
    nullable: true,
    description: 'The network address of the sign-in; null for sessions of an older version.',
  })
  ip: string | null;
  @Field({ description: 'Does this request belong to it?' }) current: boolean;

  static of(row: SessionRow, currentSha256: string | undefined): UserSession {
    const { createdAt, lastSeenAt, expiresAt, ip, tokenSha256 } = row;
    return Object.assign(new UserSession(), {
      id: sessionIdOf(tokenSha256),
      createdAt,
      lastSeenAt,
      expiresAt,
      ip,
      current: tokenSha256 === currentSha256,
    });
  }
}

/** From the hash that is stored, and not back to it. */
export function sessionIdOf(tokenSha256: string): string {
  return sha256Hex(`session ${tokenSha256}`).slice(0, 32);
}

export const RevokeSessionResult = resultUnion('RevokeSession', [UserSession, NotFoundProblem]);
