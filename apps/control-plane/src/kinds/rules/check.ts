import { ValidateBy } from 'class-validator';

/** One mistake that a rule found in a value. */
export interface Finding {
  /** Where within the value: `[3]`, `props.size`; absent for the value itself. */
  path?: string;
  /** Stable and machine-readable: `TOO_LONG`. */
  code: string;
  /** What was found and what was expected. */
  message: string;
}

/** Finds every mistake in a value, or none. Pure. */
export type Rule = (value: unknown) => Finding[];

/** The name under which class-validator reports a {@link Check}. */
const CHECK = 'check';

/**
 * Applies a rule to a field. class-validator gives each failed constraint one message and no place below the field, so
 * the rule itself travels in the constraint's context, and the report runs it again to collect all problems.
 */
export function Check(rule: Rule): PropertyDecorator {
  return ValidateBy(
    {
      name: CHECK,
      validator: {
        validate: (value: unknown) => rule(value).length === 0,
        defaultMessage: (failed) =>
          rule(failed?.value)
            .map((finding) => finding.message)
            .join('; '),
      },
    },
    { context: { rule } },
  );
}

/** The rule behind a failed {@link Check}, from the contexts of class-validator's error. */
export function ruleOf(contexts: Record<string, unknown>): Rule | undefined {
  const context = contexts[CHECK];
  if (!isObject(context)) return undefined;
  const { rule } = context;
  return isRule(rule) ? rule : undefined;
}

function isRule(value: unknown): value is Rule {
  return typeof value === 'function';
}

/** Runs rules in turn until one finds something: each may rely on what those before it have checked. */
export function inTurn(...rules: readonly Rule[]): Rule {
  return (value) => {
    for (const rule of rules) {
      const findings = rule(value);
      if (findings.length > 0) return findings;
    }
    return [];
  };
}

/** What was found, as it may stand in a message: quoted, and cut to 60 characters. */
export function found(value: unknown): string {
  if (typeof value === 'string') return JSON.stringify(value.length > 60 ? `${value.slice(0, 60)}…` : value);
  if (Array.isArray(value)) return `a list of ${value.length}`;
  if (typeof value === 'object' && value !== null) return 'an object';
  return String(value).slice(0, 60);
}

/** The finding for a value of another type than expected. */
export function wrongType(value: unknown, expected: string): Finding {
  if (value === undefined || value === null) return { code: 'REQUIRED', message: `is required: ${expected}` };
  return { code: 'INVALID_TYPE', message: `is ${found(value)}, expected ${expected}` };
}

/** Is it an object that is no list? */
export function isObject(value: unknown): value is Record<string, unknown> {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}
