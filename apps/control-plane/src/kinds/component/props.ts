import type { ErrorObject } from 'ajv';
import type { Json } from '@paddock/contracts';
import { FieldProblem } from '../../graphql/problems.js';
import { type Finding, found, isObject } from '../rules/check.js';
import { below, joined } from '../rules/path.js';
import { compileSchema, EndlessSchema } from './compile-schema.js';
import { pointerPath } from './pointer-path.js';

const MAX_PROBLEMS = 50;

type Props = { [name: string]: Json } | undefined;

/** Props are meaningless without their component. */
export function propsNeedComponent(component: string | undefined, props: Props): Finding[] {
  if (component != null || props == null) return [];
  return [{ path: 'props', code: 'PROPS_WITHOUT_COMPONENT', message: 'are given, but no component that takes them' }];
}

/**
 * How props fail to fit a component. Absent props are checked as none: a component may need some.
 * @param component its body; `undefined` where it does not exist, which is reported elsewhere
 * @param path where the props stand in the body that is checked
 */
export function propsProblems(component: object | undefined, props: Props, path: string): FieldProblem[] {
  if (!component || !('propsSchema' in component) || !isObject(component.propsSchema)) return [];
  try {
    return compileSchema(component.propsSchema)(props ?? {})
      .slice(0, MAX_PROBLEMS)
      .map((error) => mismatch(error, path));
  } catch (error) {
    if (!(error instanceof EndlessSchema)) throw error;
    return [
      new FieldProblem(
        path,
        'ENDLESS_SCHEMA',
        'take too many steps to check: the schema of the component multiplies itself',
      ),
    ];
  }
}

function mismatch({ instancePath, keyword, params, message, data }: ErrorObject, path: string): FieldProblem {
  const at = joined(path, pointerPath(instancePath));
  const named: unknown = params.missingProperty ?? params.additionalProperty ?? params.unevaluatedProperty;
  if (typeof named === 'string') {
    const problem =
      keyword === 'required' || keyword === 'dependentRequired'
        ? 'is required by the component'
        : 'is not a prop of the component';
    return new FieldProblem(below(at, named), 'PROPS_MISMATCH', problem);
  }
  return new FieldProblem(at, 'PROPS_MISMATCH', `is ${found(data)}, but ${expected(keyword, params, message)}`);
}

function expected(keyword: string, params: Record<string, unknown>, message = 'does not fit'): string {
  if (keyword === 'enum' && Array.isArray(params.allowedValues))
    return `must be one of ${params.allowedValues.slice(0, 20).map(found).join(', ')}`;
  if (keyword === 'const') return `must be ${found(params.allowedValue)}`;
  return message.slice(0, 300);
}
