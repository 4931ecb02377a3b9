import { ValidateBy, type ValidationOptions } from 'class-validator';
import { invisibleCharacter } from './invisible-characters.js';

// Everything below space but tab and line feed, and DEL: nobody writes them, and some break what shows them.
const CONTROL = /[\u0000-\u0008\u000b-\u001f\u007f]/;

/** Text as people write it: within its length, well-formed Unicode, no control characters but tab and line feed. */
export function IsText(length: { min: number; max: number }, options?: ValidationOptions): PropertyDecorator {
  return ValidateBy(
    {
      name: 'isText',
      validator: {
        validate: (value) => textProblem(value, length) === undefined,
        defaultMessage: (failed) => `${failed?.property} ${textProblem(failed?.value, length)}`,
      },
    },
    options,
  );
}

function textProblem(value: unknown, { min, max }: { min: number; max: number }): string | undefined {
  if (typeof value !== 'string') return 'must be text';
  if (value.trim().length < min || value.length > max)
    return `must have ${min} to ${max} characters, not ${value.length}`;
  if (!value.isWellFormed()) return 'must be well-formed Unicode: it has a lone surrogate';
  const control = CONTROL.exec(value);
  const invisible = control ? undefined : invisibleCharacter(value);
  if (invisible)
    return `must not have the invisible character ${invisible.name}, with which it looks like another text`;
  return control
    ? `must not have the control character U+${control[0].charCodeAt(0).toString(16).padStart(4, '0')}`
    : undefined;
}
