import { takeIn } from '../../../../../test/reference-model/intake.js';
import { compareAnswers } from './compare-answers.js';
import type { Difference } from './comparison.js';
import type { Query } from './random-queries.js';
import type { ReferenceWorld } from './reference-world.js';
import { storeWorld } from './stored-world.js';

/** The input that reproduces a difference. */
export interface Reproduction extends Pick<ReferenceWorld, 'seed' | 'night' | 'now' | 'definitions' | 'deliveries'> {
  readonly query: Query;
  /** Whether all windows were computed before the query was asked. */
  readonly settled: boolean;
}

/** The differences that a reproduction shows, in a new store; an empty list where its definitions are invalid. */
export async function differencesOf({ settled, query, ...world }: Reproduction): Promise<readonly Difference[]> {
  const stored = await storeWorld(world);
  try {
    if (settled) await stored.settle();
    const intake = takeIn(world.definitions.contracts, world.deliveries);
    const { differences } = await compareAnswers({ ...world, intake }, stored, query);
    return differences;
  } finally {
    await stored.close();
  }
}

/** A reproduction for people: JSON for a program, line by line for reading. */
export function describeReproduction(
  { seed, night, settled, definitions, deliveries, query }: Reproduction,
  differences: readonly Difference[],
): string {
  const events = deliveries.flatMap((delivery) =>
    delivery.kind === 'events'
      ? delivery.events.map((event) => `  ${JSON.stringify(event)}`)
      : [`  ${JSON.stringify(delivery)}`],
  );
  return [
    `seed ${seed}, ${night.zone}: ${night.what}`,
    settled ? 'asked after all windows were computed:' : 'asked while windows were pending:',
    `  ${JSON.stringify(inWords(query))}`,
    ...Object.entries(definitions.metrics).map(([key, metric]) => `${key}: ${JSON.stringify(metric)}`),
    `${events.length} events and repairs:`,
    ...events,
    ...differences
      .slice(0, MAX_SHOWN)
      .map(({ at, expected, answered }) => `at ${at}: expected ${expected}, answered ${answered}`),
  ].join('\n');
}

const MAX_SHOWN = 5;

function inWords(query: Query): object {
  if (query.kind !== 'series') return { ...query, from: iso(query.from), to: iso(query.to) };
  return { ...query.query, from: iso(query.query.from), to: iso(query.query.to) };
}

function iso(instant: number): string {
  return new Date(instant).toISOString();
}
