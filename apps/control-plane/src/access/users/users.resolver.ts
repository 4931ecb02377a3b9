import { Args, Context, Info, Mutation, Query, Resolver } from '@nestjs/graphql';
import type { GraphQLResolveInfo } from 'graphql';
import type { CountedConnection } from '../../graphql/connection.js';
import { isSelected } from '../../graphql/lists/selected.js';
import type { RequestScope } from '../../graphql/request-scope.js';
import { Access } from '../access.js';
import { EVERYWHERE } from '../ability.js';
import type { Actor } from '../actor.js';
import { CurrentActor } from '../current-actor.js';
import { NeedsFreshSignIn, Requires, SignedIn } from '../policy.js';
import { SignIn } from '../sign-in/sign-in.js';
import { toGrant } from './grant.input.js';
import {
  ActivateUserInput,
  ActivateUserResult,
  ChangePasswordInput,
  ChangePasswordResult,
  CreateUserInput,
  CreateUserResult,
  DeactivateUserInput,
  DeactivateUserResult,
  PasswordChanged,
  ResetPasswordInput,
  ResetPasswordResult,
  SetGrantsInput,
  SetGrantsResult,
  UserConnection,
  UsersArgs,
} from './user.input.js';
import { User } from './user.object.js';
import { Users } from './users.js';

/** Users belong to no kind, environment or site: managing them takes the grant everywhere. */
@Resolver()
export class UsersResolver {
  constructor(
    private readonly people: Users,
    private readonly signingIn: SignIn,
    private readonly access: Access,
  ) {}

  @Query(() => UserConnection, { description: 'All users, including inactive ones.' })
  @Requires('access:manage')
  async users(
    @CurrentActor() actor: Actor,
    @Args() args: UsersArgs,
    @Info() info: GraphQLResolveInfo,
  ): Promise<CountedConnection<User>> {
    this.access.authorize(actor, 'access:manage', EVERYWHERE);
    const { text, active, role } = args;
    const filter = {
      ...(text ? { text } : {}),
      ...(typeof active === 'boolean' ? { active } : {}),
      ...(role ? { role } : {}),
    };
    return this.people.list(filter, args, isSelected(info, 'totalCount'));
  }

  @Mutation(() => CreateUserResult, { description: 'Creates a user, who can sign in with the password of the input.' })
  @Requires('access:manage')
  @NeedsFreshSignIn()
  createUser(@CurrentActor() actor: Actor, @Args('input') input: CreateUserInput): Promise<User> {
    this.access.authorize(actor, 'access:manage', EVERYWHERE);
    return this.people.create(actor, { ...input, grants: input.grants.map(toGrant) });
  }

  @Mutation(() => SetGrantsResult, { description: 'Replaces all grants of a user.' })
  @Requires('access:manage')
  @NeedsFreshSignIn()
  setGrants(@CurrentActor() actor: Actor, @Args('input') input: SetGrantsInput): Promise<User> {
    this.access.authorize(actor, 'access:manage', EVERYWHERE);
    return this.people.setGrants(actor, input.userId, input.grants.map(toGrant));
  }

  @Mutation(() => DeactivateUserResult, {
    description: 'Ends a user’s sessions and voids their API tokens; their history does not change.',
  })
  @Requires('access:manage')
  deactivateUser(@CurrentActor() actor: Actor, @Args('input') input: DeactivateUserInput): Promise<User> {
    this.access.authorize(actor, 'access:manage', EVERYWHERE);
    return this.people.setActive(actor, input.userId, false);
  }

  @Mutation(() => ActivateUserResult, { description: 'Takes back a deactivation.' })
  @Requires('access:manage')
  @NeedsFreshSignIn()
  activateUser(@CurrentActor() actor: Actor, @Args('input') input: ActivateUserInput): Promise<User> {
    this.access.authorize(actor, 'access:manage', EVERYWHERE);
    return this.people.setActive(actor, input.userId, true);
  }

  @Mutation(() => ChangePasswordResult, {
    description: 'Changes one’s own password and ends all of one’s sessions, this one too.',
  })
  @SignedIn()
  async changePassword(
    @CurrentActor() actor: Actor,
    @Args('input') input: ChangePasswordInput,
    @Context() scope: RequestScope,
  ): Promise<PasswordChanged> {
    const user = await this.signingIn.provenOwner(actor, input.currentPassword, scope.ip);
    await this.people.setPassword(actor, user.id, input.newPassword, 'newPassword');
    return Object.assign(new PasswordChanged(), { at: new Date() });
  }

  @Mutation(() => ResetPasswordResult, { description: 'Gives a user a new password and ends their sessions.' })
  @Requires('access:manage')
  @NeedsFreshSignIn()
  async resetPassword(
    @CurrentActor() actor: Actor,
    @Args('input') input: ResetPasswordInput,
  ): Promise<PasswordChanged> {
    this.access.authorize(actor, 'access:manage', EVERYWHERE);
    await this.people.setPassword(actor, input.userId, input.newPassword, 'newPassword');
    return Object.assign(new PasswordChanged(), { at: new Date() });
  }
}
