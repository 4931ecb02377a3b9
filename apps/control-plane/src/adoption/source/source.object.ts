import { Field, InputType, Int, ObjectType } from '@nestjs/graphql';
import { IsBoolean, IsInt, IsOptional, IsString, Length, Matches, Max, MaxLength, Min } from 'class-validator';
import { KEY_PATTERN, MAX_KEY_LENGTH } from '@paddock/contracts';
import type { SourceError } from '@paddock/foreign-database';
import { IsName } from '../../graphql/is-name.js';
import { NotFoundProblem, Problem } from '../../graphql/problems.js';
import { resultUnion } from '../../graphql/result-union.js';
import type { SourceRow } from '../adoption.entity.js';

@InputType()
export class SaveSourceInput {
  @Field({ description: 'Names it in mappings: `old-shop`. An existing one is replaced.' })
  @Matches(KEY_PATTERN, { message: 'key must be lower-case words joined by - _ or .' })
  @MaxLength(MAX_KEY_LENGTH)
  key: string;

  @Field({ description: 'What people call it.' })
  @IsString()
  @Length(1, 200)
  name: string;

  @Field({ description: 'A host name or an IP address.' })
  @IsString()
  @Matches(/^[A-Za-z0-9._:-]{1,253}$/, { message: 'host must be a host name or an IP address' })
  host: string;

  @Field(() => Int, { defaultValue: 3306, description: 'The port of the database server.' })
  @IsInt()
  @Min(1)
  @Max(65_535)
  port: number;

  @Field({ description: 'The database (schema) whose tables may be adopted.' })
  @IsString()
  @Length(1, 64)
  database: string;

  @Field({ description: 'The database user.' })
  @IsString()
  @Length(1, 80)
  user: string;

  @Field(() => String, {
    nullable: true,
    description:
      'Kept encrypted, never shown again. Leave it out to keep the one that is there; needed again where the address changes.',
  })
  @IsOptional()
  @IsString()
  @MaxLength(200)
  password?: string | null;

  @Field(() => Boolean, {
    defaultValue: false,
    description: 'Encrypt the connection and verify the certificate of the server.',
  })
  @IsBoolean()
  tls: boolean;

  @Field(() => Boolean, {
    defaultValue: false,
    description: 'Allow mappings to write back. Without it every session is read-only on the server too.',
  })
  @IsBoolean()
  writable: boolean;

  @Field(() => Int, { defaultValue: 10_000, description: 'The longest that one statement may take, 1 to 300 seconds.' })
  @IsInt()
  @Min(1_000)
  @Max(300_000)
  statementTimeoutMs: number;

  @Field(() => Int, { defaultValue: 200_000, description: 'Tables with more adopted rows are refused.' })
  @IsInt()
  @Min(1)
  @Max(10_000_000)
  maxRows: number;
}

@InputType()
export class RemoveSourceInput {
  @Field({ description: 'The key of the source.' })
  @IsName({ max: MAX_KEY_LENGTH })
  key: string;
}

@ObjectType({
  description: 'A foreign database whose tables may be adopted. Its password is kept encrypted and never shown.',
})
export class Source {
  @Field({ description: 'The key of the source.' }) key: string;
  @Field({ description: 'The name of the source, for people.' }) name: string;
  @Field({ description: 'The host of the database server.' }) host: string;
  @Field(() => Int, { description: 'The port of the database server.' }) port: number;
  @Field({ description: 'The name of the database.' }) database: string;
  @Field({ description: 'The database user.' }) user: string;
  @Field({ description: 'Is the connection encrypted?' }) tls: boolean;
  @Field({ description: 'May mappings write into it?' }) writable: boolean;
  @Field(() => Int, { description: 'The longest that one statement may take.' }) statementTimeoutMs: number;
  @Field(() => Int, { description: 'Tables with more adopted rows are refused.' }) maxRows: number;
  @Field({ description: 'When the source was saved last.' }) updatedAt: Date;

  static of(row: SourceRow): Source {
    const { key, name, host, port, database, user, tls, writable, statementTimeoutMs, maxRows, updatedAt } = row;
    return Object.assign(new Source(), {
      key,
      name,
      host,
      port,
      database,
      user,
      tls,
      writable,
      statementTimeoutMs,
      maxRows,
      updatedAt,
    });
  }
}

@ObjectType({
  implements: () => Problem,
  description:
    'A source cannot be used: UNREACHABLE, FORBIDDEN_NETWORK, REFUSED_CREDENTIALS, NO_SUCH_DATABASE, NOT_READABLE, NOT_WRITABLE, TOO_SLOW, OWN_DATABASE, NO_SEALING_KEY or UNEXPECTED.',
})
export class SourceProblem extends Problem {
  static of({ code, message }: SourceError): SourceProblem {
    return Object.assign(new SourceProblem(), { code, message });
  }
}

export const SaveSourceResult = resultUnion('SaveSource', [Source, SourceProblem]);
export const RemoveSourceResult = resultUnion('RemoveSource', [Source, NotFoundProblem]);
