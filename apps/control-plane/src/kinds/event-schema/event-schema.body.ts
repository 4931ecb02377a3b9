import { Field } from '@nestjs/graphql';
import { JsonScalar } from '@paddock/graphql';
import type {
  CompatibilityMode,
  Deprecation,
  EventSchemaBody,
  EventTimePolicy as EventTimePolicyShape,
  EventVersion as EventVersionShape,
  IdentifyingFields as IdentifyingFieldsShape,
} from '@paddock/metrics';
import { BodyType } from '../body-type.js';
import { CompatibilityModeEnum } from './event-schema.enums.js';

@BodyType('The deprecation of a version of an event.')
export class EventDeprecation implements Deprecation {
  @Field({ description: 'The last day, UTC, on which collectors take events of this version: `2027-01-31`.' })
  endsOn: string;

  @Field(() => String, { nullable: true, description: 'Why, and what to send instead.' })
  reason?: string;
}

@BodyType('One version of an event schema. Once it was live it never changes, except that it may be deprecated.')
export class EventVersion implements EventVersionShape {
  @Field({ description: 'SemVer: `2.1.0`.' })
  version: string;

  @Field(() => JsonScalar, {
    description:
      "JSON Schema 2020-12 of the event's own fields, of `type` object. References stay within it; patterns are those of RE2.",
  })
  schema: EventVersionShape['schema'];

  @Field(() => EventDeprecation, { nullable: true, description: 'Set when the version is deprecated.' })
  deprecated?: EventDeprecation;
}

@BodyType('Paths of the fields that identify and place an event: `order.id`.')
export class IdentifyingFields implements IdentifyingFieldsShape {
  @Field({
    description:
      'Unique per event of the contract. Of events with the same id that analytics receives within its window (24 hours by default), the first counts, regardless of their times. Required by every version.',
  })
  id: string;

  @Field({
    description: 'When it happened: an RFC 3339 date-time, or milliseconds since 1970. Required by every version.',
  })
  time: string;

  @Field(() => String, { nullable: true, description: 'Who did it; metrics know the person behind it as `$user`.' })
  user?: string;

  @Field(() => String, {
    nullable: true,
    description: 'The visitor before sign-in; an event that has a user as well links the two.',
  })
  anonymous?: string;

  @Field(() => String, { nullable: true, description: 'In which session; metrics know it as `$session`.' })
  session?: string;
}

@BodyType('How the time of events is treated. Durations such as `30s`, `72h`.')
export class EventTimePolicy implements EventTimePolicyShape {
  @Field(() => String, {
    nullable: true,
    description: "Events further ahead of the collector's clock are refused; `5m` where left out.",
  })
  maxFutureSkew?: string;

  @Field(() => String, {
    nullable: true,
    description: 'How much events come out of order: windows close this long after their end; `30s` where left out.',
  })
  outOfOrder?: string;

  @Field(() => String, {
    nullable: true,
    description: 'A source that is silent for so long no longer delays its windows; `1m` by default.',
  })
  idleTimeout?: string;

  @Field(() => String, {
    nullable: true,
    description: 'A closed window is still revised for so long, then it is final; `72h` where left out.',
  })
  allowedLateness?: string;
}

@BodyType('The contract between those who send an event and those who count it, in all its versions.')
export class EventSchema implements EventSchemaBody {
  @Field({
    description: "Name of the event as it is sent: `bet_placed`. The document's key is this name in lower case.",
  })
  event: string;

  @Field(() => [String], {
    nullable: true,
    description:
      'The other names under which the event is sent, in any script: `["Order Completed", "注文完了"]`. At most 50 names of 200 characters. They are compared exactly, in the Unicode form NFC. A name that another live event schema has blocks the release. Where it is left out, two spellings of `event` stand here: for `bet_placed` these are "Bet Placed" and "betPlaced".',
  })
  names?: string[];

  @Field(() => String, { nullable: true, description: 'Its meaning, and when it is sent. At most 10,000 characters.' })
  description?: string;

  @Field(() => [EventVersion], {
    description: 'Oldest first, at most 100. Collectors take all of them that have not ended.',
  })
  versions: EventVersion[];

  @Field(() => CompatibilityModeEnum, {
    nullable: true,
    description: 'Which versions must understand whose events; DECLARED_TRANSITIVE where left out.',
  })
  compatibility?: CompatibilityMode;

  @Field(() => IdentifyingFields, { description: 'Which fields identify and place an event.' })
  fields: IdentifyingFields;

  @Field(() => EventTimePolicy, { nullable: true, description: 'How its time is treated.' })
  time?: EventTimePolicy;
}

export function toEventSchema(body: EventSchemaBody): EventSchema {
  return Object.assign(new EventSchema(), body);
}
