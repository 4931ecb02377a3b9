import { Field, InputType } from '@nestjs/graphql';
import { GraphQLError, GraphQLScalarType, Kind } from 'graphql';

/** A text, a number, or true or false. */
export const FilterValueScalar = new GraphQLScalarType<unknown, unknown>({
  name: 'FilterValue',
  description: 'The value to compare a field with: a text (RFC 3339 for instants), a number, or true or false.',
  parseValue: scalar,
  parseLiteral: (node) => {
    if (node.kind === Kind.INT || node.kind === Kind.FLOAT) return Number(node.value);
    return scalar(node.kind === Kind.STRING || node.kind === Kind.BOOLEAN ? node.value : undefined);
  },
});

function scalar(value: unknown): unknown {
  if (['string', 'number', 'boolean'].includes(typeof value)) return value;
  throw new GraphQLError('a filter compares with a text, a number, or true or false', {
    extensions: { code: 'BAD_USER_INPUT' },
  });
}

@InputType({ description: 'A field and what it is compared with.' })
export class ComparisonInput {
  @Field({ description: 'Path of a field, `cart.total`, or `$user`, `$session`, `$producer`, `$contract`, `$bot`.' })
  field: string;
  @Field(() => FilterValueScalar, { description: 'The value to compare with.' }) value: unknown;
}

@InputType()
export class MembershipInput {
  @Field({ description: 'The name of the field.' }) field: string;
  @Field(() => [FilterValueScalar], { description: 'The values; the field must equal one of them.' }) values: unknown[];
}

@InputType()
export class ContainsInput {
  @Field({ description: 'The name of the field.' }) field: string;
  @Field({ description: 'The text that the value contains.' }) text: string;
}

@InputType()
export class ExistsInput {
  @Field({ description: 'The name of the field that an event must have.' }) field: string;
}

@InputType({
  isOneOf: true,
  description: 'A condition on the fields of an event. A comparison with a missing field is never true, as in SQL.',
})
export class FilterInput {
  @Field(() => [FilterInput], { nullable: true, description: 'All of these hold.' }) and?: FilterInput[];
  @Field(() => [FilterInput], { nullable: true, description: 'At least one of these holds.' }) or?: FilterInput[];
  @Field(() => FilterInput, { nullable: true, description: 'This does not hold.' }) not?: FilterInput;
  @Field(() => ComparisonInput, { nullable: true, description: 'The field equals the value.' }) eq?: ComparisonInput;
  @Field(() => ComparisonInput, { nullable: true, description: 'The field differs from the value.' })
  ne?: ComparisonInput;
  @Field(() => ComparisonInput, { nullable: true, description: 'The field is less than the value.' })
  lt?: ComparisonInput;
  @Field(() => ComparisonInput, { nullable: true, description: 'The field is less than the value or equal to it.' })
  lte?: ComparisonInput;
  @Field(() => ComparisonInput, { nullable: true, description: 'The field is greater than the value.' })
  gt?: ComparisonInput;
  @Field(() => ComparisonInput, { nullable: true, description: 'The field is greater than the value or equal to it.' })
  gte?: ComparisonInput;
  @Field(() => MembershipInput, { nullable: true, description: 'The field equals one of the values.' })
  in?: MembershipInput;
  @Field(() => ContainsInput, { nullable: true, description: 'The text stands anywhere in the field.' })
  contains?: ContainsInput;
  @Field(() => ExistsInput, { nullable: true, description: 'The event has the field.' }) exists?: ExistsInput;
}
