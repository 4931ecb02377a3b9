import { Args, ArgsType, Field, Info, ObjectType, Query, Resolver } from '@nestjs/graphql';
import { IsBoolean, IsDate, IsOptional } from 'class-validator';
import type { GraphQLResolveInfo } from 'graphql';
import { MAX_KEY_LENGTH } from '@paddock/contracts';
import type { Actor } from '../access/actor.js';
import { CurrentActor } from '../access/current-actor.js';
import { Requires } from '../access/policy.js';
import { CountedConnectionOf } from '../graphql/connection.js';
import { IsName } from '../graphql/is-name.js';
import { ListArgs } from '../graphql/lists/list-args.js';
import { type Order, OrderBy, orderInput } from '../graphql/lists/order.js';
import { isSelected } from '../graphql/lists/selected.js';
import { ClientKey, FreezeWindow } from './environment.object.js';
import {
  CLIENT_KEY_ORDER,
  type ClientKeyOrderField,
  FREEZE_WINDOW_ORDER,
  type FreezeWindowOrderField,
  SettingsLists,
} from './settings-lists.js';

@ObjectType({ description: 'A page of client keys.' })
export class ClientKeyConnection extends CountedConnectionOf(ClientKey) {}

@ObjectType({ description: 'A page of freeze windows.' })
export class FreezeWindowConnection extends CountedConnectionOf(FreezeWindow) {}

const ClientKeyOrder = orderInput('ClientKey', CLIENT_KEY_ORDER);
const FreezeWindowOrder = orderInput('FreezeWindow', FREEZE_WINDOW_ORDER);

@ArgsType()
export class ClientKeysArgs extends ListArgs {
  @Field({ description: 'The environment that the keys read.' })
  @IsName({ max: 40 })
  environment: string;

  @Field(() => String, { nullable: true, description: 'Keys of this consumer.' })
  @IsOptional()
  @IsName({ max: 60 })
  consumer?: string | null;

  @Field(() => String, { nullable: true, description: 'Keys that are bound to this site.' })
  @IsOptional()
  @IsName({ max: MAX_KEY_LENGTH })
  site?: string | null;

  @Field(() => Boolean, { nullable: true, description: 'Keys that work, or that were revoked.' })
  @IsOptional()
  @IsBoolean()
  active?: boolean | null;

  @OrderBy(ClientKeyOrder, 'the newest first')
  orderBy?: Order<ClientKeyOrderField>[] | null;
}

@ArgsType()
export class FreezeWindowsArgs extends ListArgs {
  @Field({ description: 'The environment that is frozen.' })
  @IsName({ max: 40 })
  environment: string;

  @Field(() => Date, { nullable: true, description: 'Windows that end after this instant.' })
  @IsOptional()
  @IsDate()
  from?: Date | null;

  @Field(() => Date, { nullable: true, description: 'Windows that begin before this instant.' })
  @IsOptional()
  @IsDate()
  to?: Date | null;

  @OrderBy(FreezeWindowOrder, 'by their beginning')
  orderBy?: Order<FreezeWindowOrderField>[] | null;
}

@Resolver()
export class SettingsListsResolver {
  constructor(private readonly lists: SettingsLists) {}

  @Query(() => ClientKeyConnection, {
    description: 'The client keys that the caller manages, without the keys themselves.',
  })
  @Requires('settings:manage')
  clientKeys(
    @CurrentActor() actor: Actor,
    @Args() args: ClientKeysArgs,
    @Info() info: GraphQLResolveInfo,
  ): Promise<ClientKeyConnection> {
    const { environment, consumer, site, active } = args;
    const filter = {
      environment,
      ...(consumer ? { consumer } : {}),
      ...(site ? { site } : {}),
      ...(typeof active === 'boolean' ? { active } : {}),
    };
    return this.lists.clientKeys(actor, filter, args, ClientKey.of, isSelected(info, 'totalCount'));
  }

  @Query(() => FreezeWindowConnection, {
    description: 'Times in which nothing lands but rollbacks, those that are over too.',
  })
  @Requires('release:read')
  freezeWindows(
    @CurrentActor() actor: Actor,
    @Args() args: FreezeWindowsArgs,
    @Info() info: GraphQLResolveInfo,
  ): Promise<FreezeWindowConnection> {
    const { environment, from, to } = args;
    const filter = { environment, ...(from ? { from } : {}), ...(to ? { to } : {}) };
    return this.lists.freezeWindows(actor, filter, args, FreezeWindow.of, isSelected(info, 'totalCount'));
  }
}
