import { readFileSync } from 'node:fs';
import { expect, test } from 'vitest';
import { buildSchema, isInputObjectType, isInterfaceType, isIntrospectionType, isObjectType } from 'graphql';

test.each(['control-plane', 'edge', 'analytics'])('every field in the schema of %s has a description', (app) => {
  const schema = buildSchema(readFileSync(`apps/${app}/schema.graphql`, 'utf8'));
  const types = Object.values(schema.getTypeMap()).filter((type) => !isIntrospectionType(type));
  const fields = types.flatMap((type) =>
    isObjectType(type) || isInterfaceType(type) || isInputObjectType(type)
      ? Object.values(type.getFields()).map(({ name, description }) => ({ field: `${type.name}.${name}`, description }))
      : [],
  );
  expect(fields.length).toBeGreaterThan(80);
  expect(fields.filter(({ description }) => !description?.trim()).map(({ field }) => field)).toEqual([]);
});
