import type { PipeTransform } from '@nestjs/common';
import { MaxLength, ValidateBy, type ValidationOptions } from 'class-validator';
import { FieldProblem, ProblemError, ValidationProblem } from './problems.js';

const MAX_NAME = 200;
const NAME = /^[\x20-\x7e]*$/;
const EXPECTED = 'must be printable ASCII, as every id, key and name of an environment is';

/**
 * An id, a key or the name of an environment, as somebody asks for it; whether there is such a thing is asked later.
 * They are columns of ASCII, and the database fails where other characters are compared with them.
 */
export function IsName(options: ValidationOptions & { max?: number } = {}): PropertyDecorator {
  const { max = MAX_NAME, ...rest } = options;
  const characters = ValidateBy(
    { name: 'isName', validator: { validate: isName, defaultMessage: (failed) => `${failed?.property} ${EXPECTED}` } },
    rest,
  );
  return (target, property) => {
    characters(target, property);
    MaxLength(max, rest)(target, property);
  };
}

/** The same for an argument that stands alone: `@Args('key', NamePipe)`. */
export class NamePipe implements PipeTransform<unknown, unknown> {
  transform(value: unknown, { data: argument = 'argument' }: { data?: string | undefined }): unknown {
    const names = Array.isArray(value) ? value : [value ?? ''];
    if (names.every(isName)) return value;
    throw new ProblemError(new ValidationProblem([new FieldProblem(argument, 'IS_NAME', `${argument} ${EXPECTED}`)]));
  }
}

export function isName(value: unknown): boolean {
  return typeof value === 'string' && NAME.test(value);
}
