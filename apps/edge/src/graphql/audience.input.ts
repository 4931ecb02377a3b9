import { Field, InputType } from '@nestjs/graphql';
import { checkClaims, type VisitorClaims } from '../http/layout-request.js';

@InputType({ description: 'The properties of a visitor; the same as the query parameters over REST.' })
export class AudienceInput {
  @Field(() => String, {
    nullable: true,
    description: "A BCP 47 tag such as `en-GB`; without one the site's own holds.",
  })
  locale?: string | null;
  @Field(() => String, {
    nullable: true,
    description: 'A code that ISO 3166 assigns, such as `GB` or `US-NJ`. What the client key says comes before it.',
  })
  jurisdiction?: string | null;
  @Field(() => String, { nullable: true, description: '`desktop`, `mobile`, `tablet` or `app`.' }) device?:
    string | null;
  @Field(() => [String], { nullable: true, description: 'Keys of the segments that the visitor is in.' }) segments?:
    string[] | null;
  @Field(() => String, { nullable: true, description: 'A stable id; percentages go by it.' }) visitor?: string | null;
}

/** @throws Problem 400 with every mistake */
export function claimsOf(audience: AudienceInput | undefined): VisitorClaims {
  const given = new Map<string, string>();
  for (const name of ['locale', 'jurisdiction', 'device', 'visitor'] as const) {
    const value = audience?.[name];
    if (value) given.set(name, value);
  }
  if (audience?.segments && audience.segments.length > 0) given.set('segments', audience.segments.join(','));
  return checkClaims(given);
}
