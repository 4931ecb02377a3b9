import type { Type as Class } from '@nestjs/common';
import { plainToInstance } from 'class-transformer';
import { type ValidationError, validateSync } from 'class-validator';
import type { ParsedBody } from '../documents/config-kind.js';
import { FieldProblem } from '../graphql/problems.js';
import { type Finding, isObject, ruleOf, wrongType } from './rules/check.js';
import { structureFindings } from './rules/json-structure.js';
import { below, joined } from './rules/path.js';

/** How many problems of one body are reported. */
const MAX_PROBLEMS = 100;

/**
 * Checks anything that may be a body against an input class, and returns it as that class with absent fields left out.
 * `null` in an optional field means absent. All problems are found at once, except that an input which is no JSON
 * object within bounds is not looked at further: class-transformer would call what it finds under `constructor`.
 *
 * @param whole finds what only several fields together show; it may meet fields that have problems of their own
 */
export function parseBody<Body extends object>(
  type: Class<Body>,
  input: unknown,
  whole: (body: Body) => Finding[] = () => [],
): ParsedBody<Body> {
  if (!isObject(input)) return refused([wrongType(input, 'an object')]);
  const structure = structureFindings(input);
  if (structure.length > 0) return refused(structure);
  const body = plainToInstance(type, input);
  const errors = validateSync(body, { whitelist: true, forbidNonWhitelisted: true });
  const findings = [...findingsOf(errors, ''), ...whole(body)];
  if (findings.length > 0) return refused(findings);
  leaveOutAbsent(body);
  return { ok: true, body };
}

function refused(findings: readonly Finding[]): { ok: false; problems: FieldProblem[] } {
  const problems = findings.map(({ path = '', code, message }) => new FieldProblem(path, code, message));
  return { ok: false, problems: problems.slice(0, MAX_PROBLEMS) };
}

/** The tree of class-validator's errors as a flat list, with all that each failed rule finds. */
function findingsOf(errors: readonly ValidationError[], parent: string): Finding[] {
  return errors.flatMap((error) => {
    const path = /^\d+$/.test(error.property) ? `${parent}[${error.property}]` : below(parent, error.property);
    const own = ownFindings(error, path);
    // For a value that is no object or list, its fields need not be reported one by one.
    const isOfWrongType = own.some((finding) => finding.path === path && finding.code === 'INVALID_TYPE');
    return isOfWrongType ? own : [...own, ...findingsOf(error.children ?? [], path)];
  });
}

function ownFindings({ constraints = {}, contexts = {}, value }: ValidationError, path: string): Finding[] {
  if ('whitelistValidation' in constraints) return [{ path, code: 'UNKNOWN_FIELD', message: 'is not a known field' }];
  const findings = ruleOf(contexts)?.(value) ?? [];
  return findings.map((finding) => ({ ...finding, path: joined(path, finding.path ?? '') }));
}

/** Removes null and undefined fields from bodies and what is nested in them; free JSON keeps its nulls. */
function leaveOutAbsent(value: unknown): void {
  if (Array.isArray(value)) return value.forEach(leaveOutAbsent);
  if (!isObject(value) || isFreeJson(value)) return;
  for (const [name, member] of Object.entries(value)) {
    if (member === null || member === undefined) Reflect.deleteProperty(value, name);
    else leaveOutAbsent(member);
  }
}

function isFreeJson(value: object): boolean {
  const prototype: unknown = Object.getPrototypeOf(value);
  return prototype === Object.prototype || prototype === null;
}
