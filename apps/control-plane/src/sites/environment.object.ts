import { Field, ID, InputType, Int, ObjectType, registerEnumType } from '@nestjs/graphql';
import {
  ArrayMinSize,
  ArrayUnique,
  IsBoolean,
  IsDate,
  IsIn,
  IsOptional,
  IsString,
  IsUUID,
  Matches,
  MaxLength,
} from 'class-validator';
import { CLIENT_KEY_SCOPES, type ClientKeyScope, KEY_PATTERN, MAX_KEY_LENGTH } from '@paddock/contracts';
import type { ClientKeyRow } from '../access/access.entity.js';
import { FreshSignInRequiredProblem } from '../access/sign-in/sign-in.problems.js';
import { IsName } from '../graphql/is-name.js';
import { IsText } from '../graphql/is-text.js';
import { NotFoundProblem } from '../graphql/problems.js';
import { resultUnion } from '../graphql/result-union.js';
import type { EnvironmentRow, FreezeWindowRow } from '../releases/release.entity.js';
import { IsJurisdiction } from './site.object.js';

export const ClientKeyScopeEnum = Object.fromEntries(CLIENT_KEY_SCOPES.map((scope) => [scope.toUpperCase(), scope]));
registerEnumType(ClientKeyScopeEnum, {
  name: 'ClientKeyScope',
  valuesMap: {
    READ: { description: 'Layouts and the change stream.' },
    SYNC: { description: 'Manifest, blobs and change items.' },
    RECEIPTS: { description: 'Report what was applied.' },
    EVENTS: { description: 'Send events to collectors, under the name of the consumer.' },
    PROXY: { description: 'Read third parties through the proxy.' },
    TRAFFIC: { description: 'Read who asks what, and hand in access logs.' },
  },
});

@ObjectType({ description: 'A line of releases with its own seq.' })
export class Environment {
  @Field({ description: 'The name of the environment.' }) name: string;
  @Field(() => Int, { description: 'The newest release’s seq.' }) headSeq: number;
  @Field({ description: 'Fingerprint of everything live.' }) stateHash: string;
  @Field(() => Int, { description: 'Grows with each change of sites, keys and policies that edges apply.' })
  settingsVersion: number;
  @Field({ description: 'May layouts and the change stream be read without a client key?' }) anonymousReads: boolean;
  @Field({ description: 'When the environment was created.' }) createdAt: Date;

  static of({ name, headSeq, stateHash, settingsVersion, anonymousReads, createdAt }: EnvironmentRow): Environment {
    return Object.assign(new Environment(), { name, headSeq, stateHash, settingsVersion, anonymousReads, createdAt });
  }
}

@InputType()
export class CreateEnvironmentInput {
  @Field({ description: 'The name of the environment, such as `staging`.' })
  @IsString()
  @MaxLength(40)
  @Matches(KEY_PATTERN, { message: 'name must be lower-case letters and digits with single - _ . between them' })
  name: string;

  @Field({ defaultValue: false, description: 'May layouts and changes be read without a client key?' })
  @IsBoolean()
  anonymousReads: boolean;
}

@InputType()
export class SetEnvironmentPolicyInput {
  @Field({ description: 'The name of the environment.' }) @IsName({ max: 40 }) environment: string;
  @Field({ description: 'May layouts and changes be read without a client key?' }) @IsBoolean() anonymousReads: boolean;
}

@ObjectType({ description: 'What a frontend or another consumer shows at the edge.' })
export class ClientKey {
  @Field(() => ID, { description: 'The id of the key, which is no secret.' }) id: string;
  @Field({ description: 'The environment in which the key is valid.' }) environment: string;
  @Field({ description: 'The name under which its holder appears as a consumer.' }) consumer: string;
  @Field(() => String, { nullable: true, description: 'The only site that its holder may read; null for all.' }) site:
    string | null;
  @Field(() => String, { nullable: true, description: 'The jurisdiction that its holder sees; null for the site’s.' })
  jurisdiction: string | null;
  @Field(() => [ClientKeyScopeEnum], { description: 'What the key may do.' }) scopes: ClientKeyScope[];
  @Field({ description: 'When the key was created.' }) createdAt: Date;
  @Field(() => Date, { nullable: true, description: 'When the key was revoked; null while it is valid.' })
  revokedAt: Date | null;

  static of({ id, environment, consumer, site, jurisdiction, scopes, createdAt, revokedAt }: ClientKeyRow): ClientKey {
    return Object.assign(new ClientKey(), {
      id,
      environment,
      consumer,
      site,
      jurisdiction,
      scopes,
      createdAt,
      revokedAt,
    });
  }
}

@ObjectType({ description: 'A new client key.' })
export class ClientKeyCreated {
  @Field({ description: 'Send it as `Paddock-Client-Key`. It is shown here only.' }) key: string;
  @Field(() => ClientKey, { description: 'The key without its secret, as lists show it.' }) clientKey: ClientKey;
}

@InputType()
export class CreateClientKeyInput {
  @Field({ description: 'The environment in which the key is valid.' }) @IsName({ max: 40 }) environment: string;

  @Field({ description: 'Such as `web`, `ios-app`, `prerender`.' })
  @IsString()
  @MaxLength(60)
  @Matches(KEY_PATTERN, { message: 'consumer must be lower-case letters and digits with single - _ . between them' })
  consumer: string;

  @Field(() => String, {
    nullable: true,
    description: 'The site to which the key is bound. Leave it out for all sites.',
  })
  @IsOptional()
  @IsName({ max: MAX_KEY_LENGTH })
  site?: string | null;

  @Field(() => String, {
    nullable: true,
    description:
      'The jurisdiction that its holder sees, as a code that ISO 3166 assigns: `GB`, `US-NJ`. Absent: that of the site.',
  })
  @IsOptional()
  @IsJurisdiction()
  jurisdiction?: string | null;

  @Field(() => [ClientKeyScopeEnum], { description: 'What the key may do.' })
  @ArrayMinSize(1)
  @ArrayUnique()
  @IsIn(CLIENT_KEY_SCOPES, { each: true })
  scopes: ClientKeyScope[];
}

@InputType()
export class RevokeClientKeyInput {
  @Field(() => ID, { description: 'The client key to revoke.' }) @IsUUID() id: string;
}

@ObjectType({ description: 'While it is open, nothing lands in its environment but rollbacks.' })
export class FreezeWindow {
  @Field(() => ID, { description: 'The id of the window.' }) id: string;
  @Field({ description: 'The environment that is frozen.' }) environment: string;
  @Field({ description: 'From when on no release lands.' }) startsAt: Date;
  @Field({ description: 'When releases may land again.' }) endsAt: Date;
  @Field({ description: 'Why releases are held up.' }) reason: string;

  static of({ id, environment, startsAt, endsAt, reason }: FreezeWindowRow): FreezeWindow {
    return Object.assign(new FreezeWindow(), { id, environment, startsAt, endsAt, reason });
  }
}

@InputType()
export class CreateFreezeWindowInput {
  @Field({ description: 'The environment that is frozen.' }) @IsName({ max: 40 }) environment: string;
  @Field({ description: 'From when on no release lands.' }) @IsDate() startsAt: Date;
  @Field({ description: 'When releases may land again.' }) @IsDate() endsAt: Date;
  @Field({ description: 'Why, for the people whose releases are held up.' })
  @IsText({ min: 1, max: 300 })
  reason: string;
}

@InputType()
export class RemoveFreezeWindowInput {
  @Field(() => ID, { description: 'The freeze window.' }) @IsUUID() id: string;
}

export const CreateEnvironmentResult = resultUnion('CreateEnvironment', [Environment]);
export const SetEnvironmentPolicyResult = resultUnion('SetEnvironmentPolicy', [Environment]);
export const CreateClientKeyResult = resultUnion('CreateClientKey', [ClientKeyCreated, FreshSignInRequiredProblem]);
export const RevokeClientKeyResult = resultUnion('RevokeClientKey', [ClientKey, NotFoundProblem]);
export const CreateFreezeWindowResult = resultUnion('CreateFreezeWindow', [FreezeWindow]);
export const RemoveFreezeWindowResult = resultUnion('RemoveFreezeWindow', [FreezeWindow, NotFoundProblem]);
