import { Field, Float, ObjectType } from '@nestjs/graphql';
import type { Audience as AudienceShape, Device, Schedule as ScheduleShape } from '@paddock/contracts';

@ObjectType({
  description: 'Who sees something. Every field that is present holds; a list holds if one of its members does.',
})
export class Audience implements AudienceShape {
  @Field(() => [String], { nullable: true, description: 'Keys of sites.' }) sites?: string[];
  @Field(() => [String], { nullable: true, description: 'ISO 3166 codes, such as `GB` or `US-NJ`.' })
  jurisdictions?: string[];
  @Field(() => [String], { nullable: true, description: 'BCP 47 tags; `en` matches `en-GB` too.' }) locales?: string[];
  @Field(() => [String], { nullable: true, description: '`desktop`, `mobile`, `tablet` or `app`.' }) devices?: Device[];
  @Field(() => [String], { nullable: true, description: 'Keys of segments; one of them is enough.' })
  segments?: string[];
  @Field(() => Float, { nullable: true, description: 'Share of visitors, 0 to 100, stable per visitor.' })
  percentage?: number;
}

@ObjectType({ description: 'When something is shown, by the clock of a place.' })
export class Schedule implements ScheduleShape {
  @Field(() => String, { nullable: true, description: 'First moment, as local time without offset.' }) from?: string;
  @Field(() => String, {
    nullable: true,
    description: 'Exclusive end of the display, as local time without offset.',
  })
  to?: string;
  @Field({ description: 'IANA name of the zone.' }) timeZone: string;
}
