import { applyDecorators, type Type as Class } from '@nestjs/common';
import { Type } from 'class-transformer';
import { ValidateNested } from 'class-validator';
import { Check, type Finding, inTurn, isObject, type Rule, wrongType } from './check.js';

/**
 * An object of a class whose fields have rules of their own; `rule` sees it as a whole, after them.
 * class-validator by itself takes a list where one object is meant.
 */
export function Nested(type: () => Class, rule: Rule = () => []): PropertyDecorator {
  const anObject: Rule = (value) => (isObject(value) ? [] : [wrongType(value, 'an object')]);
  return applyDecorators(Type(type), ValidateNested(), Check(inTurn(anObject, rule)));
}

/**
 * A list of such objects; `rule` checks the list as a whole, with members of any type. class-validator alone skips
 * members that are null.
 */
export function NestedList(type: () => Class, { max }: { max: number }, rule: Rule = () => []): PropertyDecorator {
  const aList: Rule = (value) => {
    if (!Array.isArray(value)) return [wrongType(value, `a list of at most ${max} objects`)];
    return value.length > max
      ? [{ code: 'TOO_MANY', message: `has ${value.length} members, at most ${max} are allowed` }]
      : [];
  };
  return applyDecorators(
    Type(type),
    ValidateNested({ each: true }),
    Check(inTurn(aList, (value) => [...ofObjects(value), ...rule(value)])),
  );
}

const ofObjects: Rule = (list) =>
  (Array.isArray(list) ? list : []).flatMap((member: unknown, index): Finding[] =>
    isObject(member) ? [] : [{ path: `[${index}]`, ...wrongType(member, 'an object') }],
  );
