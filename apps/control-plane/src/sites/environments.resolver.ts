import { Args, Mutation, Parent, Query, ResolveField, Resolver } from '@nestjs/graphql';
import type { Actor } from '../access/actor.js';
import { CurrentActor } from '../access/current-actor.js';
import { NeedsFreshSignIn, Requires, SignedIn } from '../access/policy.js';
import { ClientKeys } from './client-keys.js';
import {
  ClientKey,
  ClientKeyCreated,
  CreateClientKeyInput,
  CreateClientKeyResult,
  CreateEnvironmentInput,
  CreateEnvironmentResult,
  CreateFreezeWindowInput,
  CreateFreezeWindowResult,
  Environment,
  FreezeWindow,
  RemoveFreezeWindowInput,
  RemoveFreezeWindowResult,
  RevokeClientKeyInput,
  RevokeClientKeyResult,
  SetEnvironmentPolicyInput,
  SetEnvironmentPolicyResult,
} from './environment.object.js';
import { EnvironmentPolicies } from './environment-policies.js';
import { FreezeWindows } from './freeze-windows.js';

@Resolver(() => Environment)
export class EnvironmentsResolver {
  constructor(
    private readonly policies: EnvironmentPolicies,
    private readonly keys: ClientKeys,
    private readonly freezes: FreezeWindows,
  ) {}

  @Query(() => [Environment], { description: 'The environments of which the caller may read something.' })
  @SignedIn()
  async environments(@CurrentActor() actor: Actor): Promise<Environment[]> {
    return (await this.policies.list(actor)).map(Environment.of);
  }

  @ResolveField(() => [FreezeWindow], { description: 'Those that are open or still to come.' })
  async freezeWindows(@Parent() environment: Environment): Promise<FreezeWindow[]> {
    return (await this.freezes.upcoming(environment.name)).map(FreezeWindow.of);
  }

  @ResolveField(() => [ClientKey], {
    description: 'For administrators: those of the sites that they manage, without the keys themselves.',
  })
  async clientKeys(@Parent() environment: Environment, @CurrentActor() actor: Actor): Promise<ClientKey[]> {
    return (await this.keys.list(actor, environment.name)).map(ClientKey.of);
  }

  @Mutation(() => CreateEnvironmentResult, { description: 'Creates an environment: a line of releases of its own.' })
  @Requires('settings:manage')
  async createEnvironment(
    @CurrentActor() actor: Actor,
    @Args('input') input: CreateEnvironmentInput,
  ): Promise<Environment> {
    return Environment.of(await this.policies.create(actor, input));
  }

  @Mutation(() => SetEnvironmentPolicyResult, {
    description: 'Reaches every edge like a release, by the settings’ own version.',
  })
  @Requires('settings:manage')
  async setEnvironmentPolicy(
    @CurrentActor() actor: Actor,
    @Args('input') input: SetEnvironmentPolicyInput,
  ): Promise<Environment> {
    const { environment: name, anonymousReads } = input;
    return Environment.of(await this.policies.setPolicy(actor, { name, anonymousReads }));
  }

  @Mutation(() => CreateClientKeyResult, { description: 'Makes a client key. It needs a fresh sign-in of a person.' })
  @Requires('settings:manage')
  @NeedsFreshSignIn()
  async createClientKey(
    @CurrentActor() actor: Actor,
    @Args('input') input: CreateClientKeyInput,
  ): Promise<ClientKeyCreated> {
    const { site = null, jurisdiction = null, ...rest } = input;
    const { row, secret } = await this.keys.create(actor, { ...rest, site, jurisdiction });
    return Object.assign(new ClientKeyCreated(), { key: secret, clientKey: ClientKey.of(row) });
  }

  @Mutation(() => RevokeClientKeyResult, {
    description: 'Revokes a client key. Edges refuse it as soon as they have applied the settings.',
  })
  @Requires('settings:manage')
  async revokeClientKey(@CurrentActor() actor: Actor, @Args('input') input: RevokeClientKeyInput): Promise<ClientKey> {
    return ClientKey.of(await this.keys.revoke(actor, input.id));
  }

  @Mutation(() => CreateFreezeWindowResult, {
    description: 'Creates a time in which no release lands in an environment.',
  })
  @Requires('settings:manage')
  async createFreezeWindow(
    @CurrentActor() actor: Actor,
    @Args('input') input: CreateFreezeWindowInput,
  ): Promise<FreezeWindow> {
    return FreezeWindow.of(await this.freezes.create(actor, input));
  }

  @Mutation(() => RemoveFreezeWindowResult, { description: 'Removes a freeze window, so that releases land again.' })
  @Requires('settings:manage')
  async removeFreezeWindow(
    @CurrentActor() actor: Actor,
    @Args('input') input: RemoveFreezeWindowInput,
  ): Promise<FreezeWindow> {
    return FreezeWindow.of(await this.freezes.remove(actor, input.id));
  }
}
