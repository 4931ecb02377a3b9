import { isEmail, ValidateBy } from 'class-validator';

/** An address as people write it. class-validator's own check fails in an unforeseen way at half a surrogate pair. */
export function IsEmailAddress(): PropertyDecorator {
  return ValidateBy({
    name: 'isEmail',
    validator: {
      validate: (value) => typeof value === 'string' && value.isWellFormed() && isEmail(value),
      defaultMessage: (failed) => `${failed?.property} must be an email address`,
    },
  });
}
