import type { Filter, FilterValue } from '../../../../../test/reference-model/definitions.js';
import type { Draw } from './draw.js';
import { type Around, PAGES, randomNumber, randomTime, SPORTS, USERS } from './random-events.js';

/** A condition on the fields of an event, or with `*` on those that all events have. */
export function randomFilter(draw: Draw, around: Around, event: string, depth = 0): Filter {
  if (depth < 2 && draw.chance(0.4)) {
    const parts = draw.many(draw.integer(1, 3), () => randomFilter(draw, around, event, depth + 1));
    return draw.pick<Filter>([{ and: parts }, { or: parts }, { not: parts[0] ?? { and: parts } }]);
  }
  const [field, value] = randomOperand(draw, around, event);
  const comparable = typeof value !== 'boolean';
  const name = draw.pick([
    ...(['eq', 'ne', 'in', 'exists'] as const),
    ...(comparable ? (['lt', 'lte', 'gt', 'gte'] as const) : []),
    ...(typeof value === 'string' && !isTime(field) ? (['contains'] as const) : []),
  ]);
  switch (name) {
    case 'in':
      return {
        in: {
          field,
          values: [value, ...draw.many(draw.integer(0, 2), () => sameField(draw, around, event, field, value))],
        },
      };
    case 'exists':
      return { exists: { field } };
    case 'contains':
      return { contains: { field, text: draw.pick(['', 'o', '%', "'", 'é', '_', '/']) } };
    case 'eq':
      return { eq: { field, value } };
    case 'ne':
      return { ne: { field, value } };
    case 'lt':
      return { lt: { field, value } };
    case 'lte':
      return { lte: { field, value } };
    case 'gt':
      return { gt: { field, value } };
    case 'gte':
      return { gte: { field, value } };
  }
}

function isTime(field: string): boolean {
  return field === 'placed' || field === '$time';
}

function sameField(draw: Draw, around: Around, event: string, field: string, otherwise: FilterValue): FilterValue {
  for (let tries = 0; tries < 20; tries += 1) {
    const [other, value] = randomOperand(draw, around, event);
    if (other === field) return value;
  }
  return otherwise;
}

/** A field that all of some events have, and a value to compare it with. `*` stands for every event. */
function randomOperand(draw: Draw, around: Around, event: string): [string, FilterValue] {
  const time = (): string => new Date(randomTime(draw, around)).toISOString();
  const shared: (() => [string, FilterValue])[] = [
    () => ['sport', draw.pick(SPORTS)],
    () => ['sport', draw.pick(SPORTS)],
    () => [draw.pick(['$user', 'user']), draw.pick([...USERS, ''])],
    () => [draw.pick(['$session', 'session']), draw.pick(['s1', 's2', ''])],
    () => ['$time', time()],
    () => ['$contract', '1.0.0'],
    () => ['$bot', draw.chance(0.5)],
  ];
  const own: (() => [string, FilterValue])[] =
    event === 'bet'
      ? [
          () => ['amount', draw.pick([0, 1, 10, 0.5, 99.999_999, -1, randomNumber(draw)])],
          () => ['amount', randomNumber(draw)],
          () => ['live', draw.chance(0.5)],
          () => ['market', draw.pick([0, 1, 2, 7])],
          () => ['odds', draw.integer(101, 2_500) / 100],
          () => ['placed', time()],
          () => ['note', draw.pick(['', 'vip'])],
        ]
      : event === 'visit'
        ? [() => ['page', draw.pick(PAGES)], () => ['seconds', randomNumber(draw)]]
        : [];
  return draw.pick([...shared, ...own])();
}
