import type { EventSelection, MetricBody, MetricInput } from './metric-body.js';

/** The selections of events that a metric makes, each with its place. */
export function selectionsOf(body: MetricBody): { selection: EventSelection; path: string }[] {
  const { simple, conversion, funnel, retention, session } = body;
  return [
    ...(simple ? [{ selection: simple, path: 'simple' }] : []),
    ...(conversion
      ? [
          { selection: conversion.base, path: 'conversion.base' },
          { selection: conversion.conversion, path: 'conversion.conversion' },
        ]
      : []),
    ...(funnel ? funnel.steps.map((selection, index) => ({ selection, path: `funnel.steps[${index}]` })) : []),
    ...(funnel?.exclude ?? []).map((selection, index) => ({ selection, path: `funnel.exclude[${index}]` })),
    ...(retention
      ? [
          { selection: retention.start, path: 'retention.start' },
          { selection: retention.return, path: 'retention.return' },
        ]
      : []),
    ...(session ? session.events.map((selection, index) => ({ selection, path: `session.events[${index}]` })) : []),
  ];
}

/** The metrics that a metric is computed from, each with its place. */
export function inputsOf(body: MetricBody): { input: MetricInput; path: string }[] {
  const { ratio, derived, cumulative } = body;
  return [
    ...(ratio
      ? [
          { input: ratio.numerator, path: 'ratio.numerator' },
          { input: ratio.denominator, path: 'ratio.denominator' },
        ]
      : []),
    ...(derived ? derived.inputs.map((input, index) => ({ input, path: `derived.inputs[${index}]` })) : []),
    ...(cumulative ? [{ input: { metric: cumulative.metric }, path: 'cumulative' }] : []),
  ];
}
