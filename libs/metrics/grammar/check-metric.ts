import type { FieldType } from '../contracts/event-fields.js';
import { compareSemVer, parseSemVer, parseSemVerRange } from '../contracts/semver.js';
import type { DefinitionProblem } from '../problem.js';
import { type Catalogue, fieldTypes } from './catalogue.js';
import { namesIn, parseExpression } from './expression.js';
import { fieldsIn, type FilterValue } from './filter.js';
import { filterInstant } from './filter-instant.js';
import type { EventSelection, MetricBody, MetricDimension } from './metric-body.js';
import { inputsOf, selectionsOf } from './metric-parts.js';

/** Checks a metric against the contracts and metrics that it refers to: fields, their types, cycles. `key` is its own. */
export function checkMetric(key: string, body: MetricBody, catalogue: Catalogue): DefinitionProblem[] {
  return [
    ...selectionsOf(body).flatMap(({ selection, path }) => checkSelection(selection, path, catalogue)),
    ...measureProblems(body, catalogue),
    ...entityProblems(body, catalogue),
    ...inputProblems(key, body, catalogue),
  ];
}

/** Checks which events a selection takes: that there is a contract, and that the filter fits the types of its fields. */
export function checkSelection(selection: EventSelection, path: string, catalogue: Catalogue): DefinitionProblem[] {
  const contract = catalogue.event(selection.event);
  if (!contract)
    return [
      {
        path: `${path}.event`,
        code: 'UNKNOWN_EVENT',
        message: `there is no contract for ${JSON.stringify(selection.event)}`,
      },
    ];
  const types = fieldTypes(contract);
  if (selection.filter === undefined) return [];
  return fieldsIn(selection.filter, `${path}.filter`).flatMap(({ field, path: at, values, operator }) => {
    const type = types.get(field);
    if (!type) return [unknownField(at, field, selection.event)];
    const wrong = values.find((value) => !fits(value, type, operator));
    if (wrong === undefined)
      return operator !== 'exists' && type === 'JSON'
        ? [wrongType(at, `${field} holds ${type}, which can only be asked whether it exists`)]
        : [];
    return [wrongType(at, `${field} is ${type} and cannot be compared (${operator}) with ${JSON.stringify(wrong)}`)];
  });
}

/** Whether a value of a filter can be compared with a field. */
export function fits(value: FilterValue, type: FieldType, operator: string): boolean {
  switch (type) {
    case 'TEXT':
      return typeof value === 'string';
    case 'FLAG':
      return typeof value === 'boolean' && (operator === 'eq' || operator === 'ne' || operator === 'in');
    case 'NUMBER':
    case 'INTEGER':
      return typeof value === 'number' && Math.abs(value) < 1e15 && operator !== 'contains';
    case 'TIME':
      return typeof value === 'string' && filterInstant(value) !== undefined && operator !== 'contains';
    case 'JSON':
      return false;
  }
}

function measureProblems(body: MetricBody, catalogue: Catalogue): DefinitionProblem[] {
  const problems: DefinitionProblem[] = [];
  const { simple, conversion } = body;
  const contract = simple && catalogue.event(simple.event);
  if (simple && contract) {
    const types = fieldTypes(contract);
    for (const field of simple.expr === undefined ? [] : namesIn(parseExpression(simple.expr))) {
      const type = types.get(field);
      if (!type) problems.push(unknownField('simple.expr', field, simple.event));
      else if (
        type === 'JSON' ||
        (type !== 'NUMBER' && type !== 'INTEGER' && !(simple.agg === 'count_distinct' && field === simple.expr))
      )
        problems.push(wrongType('simple.expr', `${field} is ${type}; ${simple.agg} needs numbers`));
    }
    const range = simple.contract === undefined ? undefined : parseSemVerRange(simple.contract);
    const versions = contract.versions
      .map(({ version }) => parseSemVer(version))
      .filter((version) => version !== undefined)
      .sort(compareSemVer);
    if (range && !versions.some(range))
      problems.push({
        path: 'simple.contract',
        code: 'UNKNOWN_EVENT',
        message: `no version of ${simple.event} is in ${JSON.stringify(simple.contract)}`,
      });
    problems.push(...dimensionProblems(simple.dimensions ?? [], 'simple', types, simple.event));
  }
  const base = conversion && catalogue.event(conversion.base.event);
  if (base)
    problems.push(
      ...dimensionProblems(conversion.dimensions ?? [], 'conversion', fieldTypes(base), conversion.base.event),
    );
  return problems;
}

function dimensionProblems(
  dimensions: readonly MetricDimension[],
  path: string,
  types: ReadonlyMap<string, FieldType>,
  event: string,
): DefinitionProblem[] {
  return dimensions.flatMap(({ name, field = name }, index) => {
    const at = `${path}.dimensions[${index}].field`;
    const type = types.get(field);
    if (!type) return [unknownField(at, field, event)];
    return type === 'JSON' ? [wrongType(at, `${field} holds ${type} and cannot split a metric`)] : [];
  });
}

function entityProblems(body: MetricBody, catalogue: Catalogue): DefinitionProblem[] {
  for (const type of ['conversion', 'funnel', 'retention', 'session'] as const) {
    const entity = body[type]?.entity;
    if (entity === undefined) continue;
    return selectionsOf(body).flatMap(({ selection }) => {
      const contract = catalogue.event(selection.event);
      const found = contract && fieldTypes(contract).get(entity);
      if (!contract || (found && found !== 'JSON')) return [];
      return [
        found
          ? wrongType(`${type}.entity`, `${entity} of ${selection.event} holds ${found}, which identifies no entity`)
          : unknownField(`${type}.entity`, entity, selection.event),
      ];
    });
  }
  return [];
}

const SERIES = ['simple', 'ratio', 'derived', 'cumulative', 'conversion', 'session'] as const;

function inputProblems(key: string, body: MetricBody, catalogue: Catalogue): DefinitionProblem[] {
  return inputsOf(body).flatMap(({ input, path }): DefinitionProblem[] => {
    const target = input.metric === key ? body : catalogue.metric(input.metric);
    if (!target)
      return [
        {
          path: `${path}.metric`,
          code: 'UNKNOWN_METRIC',
          message: `there is no metric ${JSON.stringify(input.metric)}`,
        },
      ];
    if (!SERIES.some((type) => target[type]))
      return [wrongType(`${path}.metric`, `${input.metric} gives no single number per bucket`)];
    if (body.cumulative && !target.simple)
      return [
        wrongType(
          `${path}.metric`,
          `${input.metric} must be a simple metric: only states of events can be added up over a window`,
        ),
      ];
    const cycle = cycleFrom(key, input.metric, body, catalogue);
    return cycle
      ? [
          {
            path: `${path}.metric`,
            code: 'METRIC_CYCLE',
            message: `a metric cannot be computed from itself: ${cycle.join(' → ')}`,
          },
        ]
      : [];
  });
}

/** The way from `start` back to `key` along inputs, if there is one. */
function cycleFrom(key: string, start: string, body: MetricBody, catalogue: Catalogue): string[] | undefined {
  const visited = new Set<string>();
  const walk = (at: string, way: string[]): string[] | undefined => {
    if (at === key) return [...way, at];
    if (visited.has(at)) return undefined;
    visited.add(at);
    const next = at === key ? body : catalogue.metric(at);
    for (const { input } of next ? inputsOf(next) : []) {
      const found = walk(input.metric, [...way, at]);
      if (found) return found;
    }
    return undefined;
  };
  return walk(start, [key]);
}

function unknownField(path: string, field: string, event: string): DefinitionProblem {
  return { path, code: 'UNKNOWN_EVENT_FIELD', message: `${event} has no field ${JSON.stringify(field)}` };
}

function wrongType(path: string, message: string): DefinitionProblem {
  return { path, code: 'WRONG_TYPE', message };
}
