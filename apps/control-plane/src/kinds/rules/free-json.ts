import { applyDecorators } from '@nestjs/common';
import { Transform } from 'class-transformer';
import { canonicalJson } from '@paddock/contracts';
import { Check, type Finding, inTurn, isObject, type Rule, wrongType } from './check.js';
import { below } from './path.js';
import { characterFindings } from './text.js';

const MAX_BYTES = 64 * 1024;
const MAX_DEPTH = 20;
/** Keeps what compares all members of a list with each other (`uniqueItems`) within milliseconds. */
const MAX_VALUES = 5_000;

/** A JSON object whose fields the body's class does not know: component props, JSON Schemas. */
export const freeJson: Rule = (value) => {
  if (!isObject(value)) return [wrongType(value, 'a JSON object')];
  const findings: Finding[] = [];
  const values = visit(value, '', 1, findings);
  if (values > MAX_VALUES)
    findings.push({ code: 'TOO_MANY', message: `has ${values} values, at most ${MAX_VALUES} are allowed` });
  if (findings.length > 0) return findings;
  const bytes = Buffer.byteLength(canonicalJson(value));
  if (bytes > MAX_BYTES)
    return [{ code: 'TOO_LARGE', message: `has ${bytes} bytes as JSON, at most ${MAX_BYTES} are allowed` }];
  return [];
};

/** Counts the values within, and collects what no text may contain and what lies too deep. */
function visit(value: unknown, path: string, depth: number, findings: Finding[]): number {
  if (depth > MAX_DEPTH) {
    findings.push({ path, code: 'TOO_DEEP', message: `is nested more than ${MAX_DEPTH} levels deep` });
    return 1;
  }
  if (typeof value === 'string')
    findings.push(...characterFindings(value, true).map((finding) => ({ path, ...finding })));
  if (Array.isArray(value))
    return value.reduce((sum: number, member, at) => sum + visit(member, `${path}[${at}]`, depth + 1, findings), 1);
  if (!isObject(value)) return 1;
  return Object.entries(value).reduce((sum, [name, member]) => {
    const at = below(path, name);
    findings.push(...characterFindings(name, false).map((finding) => ({ path: at, ...finding })));
    return sum + visit(member, at, depth + 1, findings);
  }, 1);
}

/** Keeps the JSON as it came: class-transformer would copy it, and silently lose members named `constructor`. */
export function FreeJson(rule: Rule = () => []): PropertyDecorator {
  return applyDecorators(
    Transform(({ obj, key }: { obj: Record<string, unknown>; key: string }) => obj[key]),
    Check(inTurn(freeJson, rule)),
  );
}
