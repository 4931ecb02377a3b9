import { expect } from 'vitest';
import type { GraphqlResult } from './graphql-client.js';

type Fields = Record<string, unknown>;

/** The only root field's value: no error, no problem, and of this type where its `__typename` was asked for. */
export function expectOk(result: GraphqlResult, typename?: string): Fields {
  expect(result.errors).toEqual([]);
  const value = onlyField(result);
  if (typeof value.code === 'string' && typeof value.message === 'string')
    throw new Error(`expected success, got ${value.code}: ${value.message}`);
  if (typename !== undefined) expect(value.__typename).toBe(typename);
  return value;
}

/** The problem with this code that the only root field answered. Ask for `... on Problem { code message }`. */
export function expectProblem(result: GraphqlResult, code: string): Fields {
  expect(result.errors).toEqual([]);
  const value = onlyField(result);
  expect(value).toMatchObject({ code, message: expect.any(String) });
  return value;
}

/** The first top-level error, which has this code and a request id. */
export function expectError(result: GraphqlResult, code: string, status?: number): GraphqlResult['errors'][number] {
  expect(result.errors[0]?.extensions).toMatchObject({ code, requestId: expect.any(String) });
  if (status !== undefined) expect(result.status).toBe(status);
  const [error] = result.errors;
  if (!error) throw new Error('no error');
  return error;
}

function onlyField(result: GraphqlResult): Fields {
  const values = Object.values(result.data ?? {});
  expect(values).toHaveLength(1);
  const [value] = values;
  if (typeof value !== 'object' || value === null) throw new Error(`the field is ${String(value)}`);
  return { ...value };
}
