import { isEmail, ValidateBy } from 'class-validator';
import { invisibleCharacter } from '../graphql/invisible-characters.js';

/** An address as people write it. class-validator's own check fails in an unforeseen way at half a surrogate pair. */
export function IsEmailAddress(): PropertyDecorator {
  return ValidateBy({
    name: 'isEmail',
    validator: {
      validate: (value) => typeof value === 'string' && value.isWellFormed() && isEmail(value) && isPlain(value),
      defaultMessage: (failed) =>
        `${failed?.property} must be an email address, without invisible characters or letters in another width`,
    },
  });
}

/** Two addresses that look the same are the same: nothing invisible, no characters in another width or form. */
function isPlain(address: string): boolean {
  return invisibleCharacter(address) === undefined && address === address.normalize('NFKC');
}
