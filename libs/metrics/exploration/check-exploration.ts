import { type Catalogue, fieldTypes } from '../grammar/catalogue.js';
import { checkMetric, checkSelection } from '../grammar/check-metric.js';
import type { EventSelection } from '../grammar/metric-body.js';
import { dimensionsOf, filteredEvents } from '../grammar/metric-reach.js';
import type { DefinitionProblem } from '../problem.js';
import type { ExplorationBody, ExplorationMeasure } from './exploration-body.js';

/** Checks an exploration against the contracts and metrics that it refers to: events, fields, dimensions, types of filters. */
export function checkExploration(body: ExplorationBody, catalogue: Catalogue): DefinitionProblem[] {
  if (body.measure) return measureProblems(body, body.measure, catalogue);
  const { metric = '', dimensions = [], filter } = body;
  const target = catalogue.metric(metric);
  if (!target)
    return [{ path: 'metric', code: 'UNKNOWN_METRIC', message: `there is no metric ${JSON.stringify(metric)}` }];
  if (target.funnel ?? target.retention)
    return [{ path: 'metric', code: 'WRONG_TYPE', message: `${metric} gives no single number per bucket` }];
  const known = dimensionsOf(target, catalogue);
  const unknown = dimensions.flatMap((name, index): DefinitionProblem[] =>
    known.includes(name)
      ? []
      : [
          {
            path: `dimensions[${index}]`,
            code: 'UNKNOWN_DIMENSION',
            message: `${metric} has no dimension ${JSON.stringify(name)}; it has ${known.join(', ') || 'none'}`,
          },
        ],
  );
  // The check of the metric itself covers the contracts of its events.
  const events = filter ? filteredEvents(target, catalogue).filter((event) => catalogue.event(event)) : [];
  return [
    ...unknown,
    ...events.flatMap((event) => filterProblems({ event, ...(filter ? { filter } : {}) }, catalogue)),
  ];
}

function measureProblems(
  { title, dimensions = [], filter }: ExplorationBody,
  measure: ExplorationMeasure,
  catalogue: Catalogue,
): DefinitionProblem[] {
  const { event } = measure;
  const contract = catalogue.event(event);
  const own = checkMetric('', { title, simple: measure }, catalogue).map((problem) => ({
    ...problem,
    path: problem.path.replace(/^simple\b/, 'measure'),
  }));
  if (!contract) return own;
  const types = fieldTypes(contract);
  const unknown = dimensions.flatMap((field, index): DefinitionProblem[] => {
    const type = types.get(field);
    const path = `dimensions[${index}]`;
    if (!type)
      return [{ path, code: 'UNKNOWN_EVENT_FIELD', message: `${event} has no field ${JSON.stringify(field)}` }];
    return type === 'JSON'
      ? [{ path, code: 'WRONG_TYPE', message: `${field} holds JSON and cannot split a measure` }]
      : [];
  });
  return [...own, ...unknown, ...(filter ? filterProblems({ event, filter }, catalogue) : [])];
}

function filterProblems(selection: EventSelection, catalogue: Catalogue): DefinitionProblem[] {
  return checkSelection(selection, '', catalogue).map((problem) => ({
    ...problem,
    path: problem.path.replace(/^\./, ''),
  }));
}
