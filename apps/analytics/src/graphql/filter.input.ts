import { Field, InputType } from '@nestjs/graphql';
import { GraphQLError, GraphQLScalarType, Kind } from 'graphql';

/** A text, a number, or true or false. */
export const FilterValueScalar = new GraphQLScalarType<unknown, unknown>({
  name: 'FilterValue',
  description: 'What a field is compared with: a text (RFC 3339 for instants), a number, or true or false.',
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
  @Field(() => FilterValueScalar) value: unknown;
}

@InputType()
export class MembershipInput {
  @Field() field: string;
  @Field(() => [FilterValueScalar]) values: unknown[];
}

@InputType()
export class ContainsInput {
  @Field() field: string;
  @Field() text: string;
}

@InputType()
export class ExistsInput {
  @Field() field: string;
}

@InputType({
  isOneOf: true,
  description: 'A condition on the fields of an event. A missing field fits no comparison, as in SQL.',
})
export class FilterInput {
  @Field(() => [FilterInput], { nullable: true }) and?: FilterInput[];
  @Field(() => [FilterInput], { nullable: true }) or?: FilterInput[];
  @Field(() => FilterInput, { nullable: true }) not?: FilterInput;
  @Field(() => ComparisonInput, { nullable: true }) eq?: ComparisonInput;
  @Field(() => ComparisonInput, { nullable: true }) ne?: ComparisonInput;
  @Field(() => ComparisonInput, { nullable: true }) lt?: ComparisonInput;
  @Field(() => ComparisonInput, { nullable: true }) lte?: ComparisonInput;
  @Field(() => ComparisonInput, { nullable: true }) gt?: ComparisonInput;
  @Field(() => ComparisonInput, { nullable: true }) gte?: ComparisonInput;
  @Field(() => MembershipInput, { nullable: true }) in?: MembershipInput;
  @Field(() => ContainsInput, { nullable: true, description: 'The text stands anywhere in the field.' })
  contains?: ContainsInput;
  @Field(() => ExistsInput, { nullable: true }) exists?: ExistsInput;
}
