import type { Type } from '@nestjs/common';
import { createUnionType } from '@nestjs/graphql';
import { ForbiddenProblem, ValidationProblem } from './problems.js';

/**
 * The result of a mutation: what it makes, the problems of its own, and the two that every mutation can meet. Members
 * are told apart by `instanceof`, so a resolver must return instances.
 * @param forbidden `false` for the few mutations that anybody may call
 */
export function resultUnion(mutation: string, members: readonly Type[], { forbidden = true } = {}): object {
  const all = new Set([...members, ValidationProblem, ...(forbidden ? [ForbiddenProblem] : [])]);
  const union: object = createUnionType({
    name: `${mutation}Result`,
    description: 'What the mutation made, or the problem for which it made nothing.',
    types: () => [...all],
  });
  return union;
}
