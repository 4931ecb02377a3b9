import { registerEnumType } from '@nestjs/graphql';

/** A GraphQL enum whose names are the values in upper case. */
export function enumOf<Value extends string>(
  values: readonly Value[],
  name: string,
  description: string,
  described: Record<Value, string>,
): Record<string, Value> {
  const members = Object.fromEntries(values.map((value) => [value.toUpperCase(), value]));
  const valuesMap = Object.fromEntries(values.map((value) => [value.toUpperCase(), { description: described[value] }]));
  registerEnumType(members, { name, description, valuesMap });
  return members;
}
