import { Field } from '@nestjs/graphql';
import { JsonScalar } from '@paddock/graphql';
import type { Filter, FilterValue } from '@paddock/metrics';
import { BodyType } from '../body-type.js';

@BodyType('A field of an event, and the value to compare it with.')
export class EventComparison {
  @Field({
    description:
      'Path of the field, `cart.total`; what every event has is called `$user`, `$session`, `$producer`, `$contract`, `$bot`, `$time`.',
  })
  field: string;

  @Field(() => JsonScalar, {
    description: "A text, a number, or true or false, as the field's type is; times as RFC 3339 texts.",
  })
  value: FilterValue;
}

@BodyType('A field of an event, and its allowed values.')
export class EventMembership {
  @Field({ description: 'Path of the field.' })
  field: string;

  @Field(() => [JsonScalar], { description: '1 to 1,000 values.' })
  values: FilterValue[];
}

@BodyType('A field of an event, and a text that it contains.')
export class EventText {
  @Field({ description: 'Path of the field.' })
  field: string;

  @Field({ description: 'The text; case matters.' })
  text: string;
}

@BodyType('A field that an event must have.')
export class EventPresence {
  @Field({ description: 'Path of the field.' })
  field: string;
}

@BodyType('A condition on events: exactly one member. A missing field fits no comparison. Nothing in it is SQL.')
export class EventFilter {
  @Field(() => [EventFilter], { nullable: true, description: 'All of them.' })
  and?: Filter[];

  @Field(() => [EventFilter], { nullable: true, description: 'One of them at least.' })
  or?: Filter[];

  @Field(() => EventFilter, { nullable: true, description: 'Not this.' })
  not?: Filter;

  @Field(() => EventComparison, { nullable: true, description: 'Equal.' })
  eq?: EventComparison;

  @Field(() => EventComparison, { nullable: true, description: 'Not equal.' })
  ne?: EventComparison;

  @Field(() => EventComparison, { nullable: true, description: 'Less.' })
  lt?: EventComparison;

  @Field(() => EventComparison, { nullable: true, description: 'Less or equal.' })
  lte?: EventComparison;

  @Field(() => EventComparison, { nullable: true, description: 'Greater.' })
  gt?: EventComparison;

  @Field(() => EventComparison, { nullable: true, description: 'Greater or equal.' })
  gte?: EventComparison;

  @Field(() => EventMembership, { nullable: true, description: 'One of some values.' })
  in?: EventMembership;

  @Field(() => EventText, { nullable: true, description: 'Has a text in it.' })
  contains?: EventText;

  @Field(() => EventPresence, { nullable: true, description: 'Is there.' })
  exists?: EventPresence;
}
