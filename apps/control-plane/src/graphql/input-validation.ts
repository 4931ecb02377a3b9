import { ValidationPipe } from '@nestjs/common';
import type { ValidationError } from 'class-validator';
import { FieldProblem, ProblemError, ValidationProblem } from './problems.js';

/** Checks every input class: unknown fields are refused, all mistakes are told at once, nothing is converted. */
export function inputValidation(): ValidationPipe {
  return new ValidationPipe({
    whitelist: true,
    forbidNonWhitelisted: true,
    forbidUnknownValues: true,
    transform: true,
    transformOptions: { enableImplicitConversion: false },
    validationError: { target: false, value: false },
    exceptionFactory: (errors) => new ProblemError(new ValidationProblem(fieldProblems(errors))),
  });
}

/**
 * The tree of class-validator's errors as a flat list of problems with their paths: `slots[0].items[2].promo`. A
 * decorator names a problem's code by `context: { code }`; otherwise it is the constraint's name.
 */
export function fieldProblems(errors: readonly ValidationError[], parent = ''): FieldProblem[] {
  return errors.flatMap((error) => {
    const path = pathOf(parent, error.property);
    const own = Object.entries(error.constraints ?? {}).map(
      ([constraint, message]) =>
        new FieldProblem(path, codeOf(error, constraint), messageOf(error, constraint, message)),
    );
    return [...own, ...fieldProblems(error.children ?? [], path)];
  });
}

function pathOf(parent: string, property: string): string {
  if (parent === '') return property;
  return /^\d+$/.test(property) ? `${parent}[${property}]` : `${parent}.${property}`;
}

function codeOf(error: ValidationError, constraint: string): string {
  const context: unknown = error.contexts?.[constraint];
  if (typeof context === 'object' && context !== null && 'code' in context && typeof context.code === 'string')
    return context.code;
  if (constraint === 'whitelistValidation') return 'UNKNOWN_FIELD';
  return constraint.replace(/[A-Z]/g, (letter) => `_${letter}`).toUpperCase();
}

/** class-validator says "property x should not exist". */
function messageOf(error: ValidationError, constraint: string, message: string): string {
  return constraint === 'whitelistValidation' ? `${error.property} is not allowed here` : message;
}
