import { Field, InputType } from '@nestjs/graphql';
import { IsIn, IsOptional, IsString, Matches, MaxLength } from 'class-validator';
import { ALL_SITES, KEY_PATTERN, type KindName, KINDS, MAX_KEY_LENGTH } from '@paddock/contracts';
import { Kind } from '../../documents/kind.enum.js';
import { type Role, ROLES } from '../access.entity.js';
import { ALL } from '../ability.js';
import type { Grant } from '../actor.js';
import { RoleEnum } from './user.object.js';

@InputType({ description: 'A role and its scope. An absent field does not restrict the scope.' })
export class GrantInput {
  @Field(() => RoleEnum, { description: 'The role.' }) @IsIn(ROLES) role: Role;

  @Field(() => Kind, {
    nullable: true,
    description: 'The kind of documents for which it holds. Leave it out for all kinds.',
  })
  @IsOptional()
  @IsIn(KINDS)
  kind?: KindName | null;

  @Field(() => String, {
    nullable: true,
    description: 'The environment in which it holds. Leave it out for all environments.',
  })
  @IsOptional()
  @IsString()
  @MaxLength(40)
  @Matches(KEY_PATTERN, { message: 'environment must be the name of an environment' })
  environment?: string | null;

  @Field(() => String, {
    nullable: true,
    description: 'The key of the site for which it holds. Leave it out for all sites.',
  })
  @IsOptional()
  @IsString()
  @MaxLength(MAX_KEY_LENGTH)
  @Matches(KEY_PATTERN, { message: 'site must be the key of a site' })
  site?: string | null;
}

export function toGrant({ role, kind, environment, site }: GrantInput): Grant {
  return { role, kind: kind ?? ALL, environment: environment ?? ALL, site: site ?? ALL_SITES };
}
