import { Field, InputType } from '@nestjs/graphql';
import type { Filter, FilterValue } from '#metrics';
import { JsonScalar } from '../../graphql/scalars.js';

@InputType({ description: 'A field of an event, and what it is compared with.' })
export class EventComparisonInput {
  @Field({ description: 'Path of the field, `cart.total`; what every event has is called `$user`, `$session`, `$producer`, `$contract`, `$bot`, `$time`.' })
  field: string;

  @Field(() => JsonScalar, { description: "A text, a number, or true or false, as the field's type is; times as RFC 3339 texts." })
  value: FilterValue;
}

@InputType({ description: 'A field of an event, and the values of which it has one.' })
export class EventMembershipInput {
  @Field({ description: 'Path of the field.' })
  field: string;

  @Field(() => [JsonScalar], { description: '1 to 1,000 values.' })
  values: FilterValue[];
}

@InputType({ description: 'A field of an event, and a text that stands in it.' })
export class EventTextInput {
  @Field({ description: 'Path of the field.' })
  field: string;

  @Field({ description: 'The text, upper and lower case told apart.' })
  text: string;
}

@InputType({ description: 'A field that an event must have.' })
export class EventPresenceInput {
  @Field({ description: 'Path of the field.' })
  field: string;
}

@InputType({ description: 'A condition on events: exactly one member. A missing field fits no comparison. Nothing in it is SQL.' })
export class EventFilterInput {
  @Field(() => [EventFilterInput], { nullable: true, description: 'All of them.' })
  and?: Filter[];

  @Field(() => [EventFilterInput], { nullable: true, description: 'One of them at least.' })
  or?: Filter[];

  @Field(() => EventFilterInput, { nullable: true, description: 'Not this.' })
  not?: Filter;

  @Field(() => EventComparisonInput, { nullable: true, description: 'Equal.' })
  eq?: EventComparisonInput;

  @Field(() => EventComparisonInput, { nullable: true, description: 'Not equal.' })
  ne?: EventComparisonInput;

  @Field(() => EventComparisonInput, { nullable: true, description: 'Less.' })
  lt?: EventComparisonInput;

  @Field(() => EventComparisonInput, { nullable: true, description: 'Less or equal.' })
  lte?: EventComparisonInput;

  @Field(() => EventComparisonInput, { nullable: true, description: 'Greater.' })
  gt?: EventComparisonInput;

  @Field(() => EventComparisonInput, { nullable: true, description: 'Greater or equal.' })
  gte?: EventComparisonInput;

  @Field(() => EventMembershipInput, { nullable: true, description: 'One of some values.' })
  in?: EventMembershipInput;

  @Field(() => EventTextInput, { nullable: true, description: 'Has a text in it.' })
  contains?: EventTextInput;

  @Field(() => EventPresenceInput, { nullable: true, description: 'Is there.' })
  exists?: EventPresenceInput;
}
