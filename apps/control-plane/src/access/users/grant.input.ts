import { Field, InputType } from '@nestjs/graphql';
import { IsIn, IsOptional, IsString, Matches, MaxLength } from 'class-validator';
import { ALL_SITES, KEY_PATTERN, type KindName, KINDS, MAX_KEY_LENGTH } from '#contracts';
import { Kind } from '../../documents/kind.enum.js';
import { type Role, ROLES } from '../access.entity.js';
import { ALL } from '../ability.js';
import type { Grant } from '../actor.js';
import { RoleEnum } from './user.object.js';

@InputType({ description: 'A role, and where it holds. What is left out is not narrowed.' })
export class GrantInput {
  @Field(() => RoleEnum) @IsIn(ROLES) role: Role;

  @Field(() => Kind, { nullable: true })
  @IsOptional()
  @IsIn(KINDS)
  kind?: KindName | null;

  @Field(() => String, { nullable: true })
  @IsOptional()
  @IsString()
  @MaxLength(40)
  @Matches(KEY_PATTERN, { message: 'environment must be the name of an environment' })
  environment?: string | null;

  @Field(() => String, { nullable: true })
  @IsOptional()
  @IsString()
  @MaxLength(MAX_KEY_LENGTH)
  @Matches(KEY_PATTERN, { message: 'site must be the key of a site' })
  site?: string | null;
}

export function toGrant({ role, kind, environment, site }: GrantInput): Grant {
  return { role, kind: kind ?? ALL, environment: environment ?? ALL, site: site ?? ALL_SITES };
}
