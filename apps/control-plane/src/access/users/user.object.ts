import { Field, ID, ObjectType, registerEnumType } from '@nestjs/graphql';
import { KINDS, type KindName } from '@paddock/contracts';
import { Kind } from '../../documents/kind.enum.js';
import { type Role, ROLES, type UserRow } from '../access.entity.js';
import { ALL } from '../ability.js';
import type { Grant } from '../actor.js';

export const RoleEnum = Object.fromEntries(ROLES.map((role) => [role, role]));
registerEnumType(RoleEnum, {
  name: 'Role',
  description: 'A set of rights; each role includes those before it.',
  valuesMap: {
    VIEWER: { description: 'Read documents and releases.' },
    EDITOR: { description: 'Write drafts, make releases.' },
    PUBLISHER: { description: 'Publish, roll back, schedule, promote.' },
    ADMIN: { description: 'Sites, client keys, freeze windows, users, the audit log.' },
  },
});

@ObjectType('Grant', {
  description: 'A role and its scope. A null field stands for all kinds, environments or sites.',
})
export class GrantObject {
  @Field(() => RoleEnum, { description: 'The role.' }) role: Role;
  @Field(() => Kind, { nullable: true, description: 'The kind of documents for which it holds.' })
  kind: KindName | null;
  @Field(() => String, { nullable: true, description: 'The environment in which it holds.' }) environment:
    string | null;
  @Field(() => String, { nullable: true, description: 'The site for which it holds.' }) site: string | null;

  static of({ role, kind, environment, site }: Grant): GrantObject {
    const narrowed = (value: string) => (value === ALL ? null : value);
    return Object.assign(new GrantObject(), {
      role,
      kind: KINDS.find((name) => name === kind) ?? null,
      environment: narrowed(environment),
      site: narrowed(site),
    });
  }
}

@ObjectType({ description: 'A person who can sign in.' })
export class User {
  @Field(() => ID, { description: 'The id of the user.' }) id: string;
  @Field({ description: 'The address with which the user signs in.' }) email: string;
  @Field({ description: 'The name to show.' }) name: string;
  @Field({ description: 'Inactive users cannot sign in; their sessions and tokens are void.' }) active: boolean;
  @Field({ description: 'When the user was created.' }) createdAt: Date;
  @Field(() => [RoleEnum], { description: 'The roles that they have somewhere; `grants` says where.' }) roles: Role[];
  @Field(() => [GrantObject], { description: 'The grants of the user.' }) grants: GrantObject[];

  static of({ id, email, name, active, createdAt }: UserRow, grants: readonly Grant[]): User {
    return Object.assign(new User(), {
      ...{ id, email, name, active, createdAt },
      roles: ROLES.filter((role) => grants.some((grant) => grant.role === role)),
      grants: grants.map(GrantObject.of),
    });
  }
}
