import type { Type } from '@nestjs/common';
import { Field, InputType, registerEnumType } from '@nestjs/graphql';
import { Type as TypeOf } from 'class-transformer';
import { ArrayMaxSize, ArrayUnique, IsArray, IsIn, IsOptional, ValidateNested } from 'class-validator';

export const DIRECTIONS = ['ASC', 'DESC'] as const;
export type Direction = (typeof DIRECTIONS)[number];

export const OrderDirection = { ASC: 'ASC', DESC: 'DESC' } as const satisfies Record<Direction, string>;
registerEnumType(OrderDirection, {
  name: 'OrderDirection',
  valuesMap: {
    ASC: { description: 'The lowest value first: A before B, the oldest time first.' },
    DESC: { description: 'The highest value first: B before A, the newest time first.' },
  },
});

/** One step of an ordering: rows that are equal in it are ordered by the next step. */
export interface Order<FieldName extends string> {
  field: FieldName;
  direction: Direction;
}

/**
 * The input type `<name>Order { field direction }` of a list, with its enum `<name>OrderField`.
 * @param fields what the list can be ordered by, each with its description
 */
export function orderInput<const FieldName extends string>(
  name: string,
  fields: Readonly<Record<FieldName, string>>,
): Type<Order<FieldName>> {
  const names = Object.keys(fields);
  const descriptions = Object.entries<string>(fields).map(([field, description]) => [field, { description }]);
  const fieldEnum = Object.fromEntries(names.map((field) => [field, field]));
  registerEnumType(fieldEnum, {
    name: `${name}OrderField`,
    description: `What a list of this type can be ordered by.`,
    valuesMap: Object.fromEntries(descriptions),
  });

  @InputType(`${name}Order`, {
    description: 'One step of an ordering. Rows that are equal in it follow the next step.',
  })
  class OrderInput {
    @Field(() => fieldEnum, { description: 'The value that is compared.' })
    @IsIn(names)
    field: FieldName;

    @Field(() => OrderDirection, { defaultValue: 'ASC', description: 'Lowest or highest first.' })
    @IsIn(DIRECTIONS)
    direction: Direction;
  }
  return OrderInput;
}

const MAX_STEPS = 3;

/** The argument `orderBy` of a list. */
export function OrderBy(input: Type<Order<string>>, whenAbsent: string): PropertyDecorator {
  const decorators = [
    Field(() => [input], {
      nullable: true,
      description: `Up to ${MAX_STEPS} steps; ties are broken by the id. Absent: ${whenAbsent}.`,
    }),
    IsOptional(),
    IsArray(),
    ArrayMaxSize(MAX_STEPS),
    ArrayUnique(({ field }: Order<string>) => field),
    ValidateNested({ each: true }),
    TypeOf(() => input),
  ];
  return (target, property) => {
    for (const decorate of decorators) decorate(target, property);
  };
}
