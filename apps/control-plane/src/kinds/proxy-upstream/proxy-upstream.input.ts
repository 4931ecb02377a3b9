import { Field, InputType, Int } from '@nestjs/graphql';
import { IsOptional } from 'class-validator';
import type { ProxyUpstreamBody, UpstreamCredential } from '@paddock/contracts';
import { Integer } from '../rules/integer.js';
import { Nested } from '../rules/nested.js';
import { Text } from '../rules/text.js';
import { BaseUrl, HeaderName, ParameterNames, PathPatterns, SecretVariable } from './proxy-upstream-rules.js';

const HOUR = 3_600_000;
const MIB = 1 << 20;

@InputType({
  description: 'How an upstream knows us: exactly one of header and query, and the variable that holds the secret.',
})
export class UpstreamCredentialInput implements UpstreamCredential {
  @Field(() => String, { nullable: true, description: 'The header that the secret travels in: X-Api-Key.' })
  @IsOptional()
  @HeaderName()
  header?: string;

  @Field(() => String, { nullable: true, description: 'The query parameter that the secret travels in: apiKey.' })
  @IsOptional()
  @Text({ max: 100, filled: true })
  query?: string;

  @Field({
    description: 'The odds service’s environment variable that holds the secret; its name begins with PROXY_SECRET_.',
  })
  @SecretVariable()
  variable: string;
}

@InputType({ description: 'A third party’s API that clients read through the proxy, at /v1/proxy/{key}/….' })
export class ProxyUpstreamInput implements ProxyUpstreamBody {
  @Field({ description: 'Where its paths begin: https://api.example.com/v4.' })
  @BaseUrl()
  baseUrl: string;

  @Field(() => Int, {
    description: 'Milliseconds in which it is asked for one thing at most once, however many callers there are.',
  })
  @Integer(100, HOUR)
  windowMs: number;

  @Field(() => Int, { nullable: true, description: 'Milliseconds that one request may take; 5,000 where absent.' })
  @IsOptional()
  @Integer(100, 60_000)
  timeoutMs?: number;

  @Field(() => Int, {
    nullable: true,
    description: 'Milliseconds for which it is left in peace after three failures in a row; 60,000 where absent.',
  })
  @IsOptional()
  @Integer(1_000, HOUR)
  cooldownMs?: number;

  @Field(() => Int, { description: 'Age in milliseconds above which its data is no longer shown.' })
  @Integer(100, 24 * HOUR)
  silenceMs: number;

  @Field(() => Int, {
    nullable: true,
    description: 'Bytes of the largest answer that is taken; 1,048,576 where absent.',
  })
  @IsOptional()
  @Integer(1_024, 16 * MIB)
  maxBytes?: number;

  @Field(() => [String], {
    nullable: true,
    description:
      'Query parameters that do not change the answer and are not sent on; cache-busters such as _ and cb where absent.',
  })
  @IsOptional()
  @ParameterNames()
  volatileParameters?: string[];

  @Field(() => UpstreamCredentialInput, { nullable: true, description: 'How it knows us.' })
  @IsOptional()
  @Nested(() => UpstreamCredentialInput)
  credential?: UpstreamCredentialInput;

  @Field(() => [String], {
    description:
      'Paths below baseUrl that may be asked for: /sports/*/odds with * for one whole segment, /sports/** for all below.',
  })
  @PathPatterns()
  allow: string[];
}
