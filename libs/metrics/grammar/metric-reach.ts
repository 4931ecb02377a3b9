import type { Catalogue } from './catalogue.js';
import type { MetricBody } from './metric-body.js';
import { inputsOf, selectionsOf } from './metric-parts.js';

/** The names of the dimensions that a metric can be split by: those that every simple metric behind it has. */
export function dimensionsOf(body: MetricBody, catalogue: Catalogue): string[] {
  const own = body.simple?.dimensions ?? body.conversion?.dimensions;
  if (own) return own.map(({ name }) => name);
  const inputs = inputsOf(body)
    .flatMap(({ input }) => catalogue.metric(input.metric) ?? [])
    .map((input) => dimensionsOf(input, catalogue));
  const [first = [], ...rest] = inputs;
  return first.filter((name) => rest.every((names) => names.includes(name)));
}

/** The events on whose fields a question's filter is put. */
export function filteredEvents(body: MetricBody, catalogue: Catalogue): string[] {
  if (body.conversion) return [body.conversion.base.event];
  return eventsOf(body, catalogue);
}

/** All events that a metric is computed from. */
export function eventsOf(body: MetricBody, catalogue: Catalogue): string[] {
  const own = selectionsOf(body).map(({ selection }) => selection.event);
  const inputs = inputsOf(body)
    .flatMap(({ input }) => catalogue.metric(input.metric) ?? [])
    .flatMap((input) => eventsOf(input, catalogue));
  return [...new Set([...own, ...inputs])];
}

/** Keys of the metrics that a metric is made of, itself first. */
export function metricsWithin(key: string, catalogue: Catalogue): string[] {
  const body = catalogue.metric(key);
  if (!body) return [];
  return [...new Set([key, ...inputsOf(body).flatMap(({ input }) => metricsWithin(input.metric, catalogue))])];
}

/** Keys of the simple metrics that a metric is made of, itself included. */
export function simpleMetrics(key: string, catalogue: Catalogue): string[] {
  const body = catalogue.metric(key);
  if (!body) return [];
  return body.simple
    ? [key]
    : [...new Set(inputsOf(body).flatMap(({ input }) => simpleMetrics(input.metric, catalogue)))];
}
