import { Field, Int, ObjectType } from '@nestjs/graphql';
import type { ProxyUpstreamBody, UpstreamCredential as CredentialShape } from '@paddock/contracts';

@ObjectType({ description: 'How an upstream knows us.' })
export class UpstreamCredential implements CredentialShape {
  @Field(() => String, { nullable: true, description: 'The header that the secret travels in.' }) header?: string;
  @Field(() => String, { nullable: true, description: 'The query parameter that the secret travels in.' })
  query?: string;
  @Field({ description: 'The variable that holds the secret.' }) variable: string;
}

@ObjectType({ description: 'A third party’s API that clients read through the proxy.' })
export class ProxyUpstream implements ProxyUpstreamBody {
  @Field({ description: 'Where its paths begin.' }) baseUrl: string;
  @Field(() => Int, { description: 'Milliseconds in which it is asked for one thing at most once.' }) windowMs: number;
  @Field(() => Int, { nullable: true, description: 'Milliseconds that one request may take.' }) timeoutMs?: number;
  @Field(() => Int, { nullable: true, description: 'Milliseconds of peace after three failures in a row.' })
  cooldownMs?: number;
  @Field(() => Int, { description: 'Age in milliseconds above which its data is no longer shown.' }) silenceMs: number;
  @Field(() => Int, { nullable: true, description: 'Bytes of the largest answer that is taken.' }) maxBytes?: number;
  @Field(() => [String], { nullable: true, description: 'Query parameters that do not change the answer.' })
  volatileParameters?: string[];
  @Field(() => UpstreamCredential, { nullable: true, description: 'How it knows us.' }) credential?: UpstreamCredential;
  @Field(() => [String], { description: 'Paths that may be asked for.' }) allow: string[];
}

export function toProxyUpstream(body: ProxyUpstreamBody): ProxyUpstream {
  const credential = body.credential && Object.assign(new UpstreamCredential(), body.credential);
  return Object.assign(new ProxyUpstream(), body, credential ? { credential } : {});
}
