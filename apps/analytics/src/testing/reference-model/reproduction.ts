import { takeIn } from '../../../../../test/reference-model/intake.js';
import { compareAnswers } from './compare-answers.js';
import type { Difference } from './comparison.js';
import type { Question } from './random-questions.js';
import type { ReferenceWorld } from './reference-world.js';
import { storeWorld } from './stored-world.js';

/** What a difference needs to show itself again. */
export interface Reproduction extends Pick<ReferenceWorld, 'seed' | 'night' | 'now' | 'definitions' | 'deliveries'> {
  readonly question: Question;
  /** Whether all windows were computed before the question was asked. */
  readonly settled: boolean;
}

/** The differences that a reproduction shows, in a store of its own; none where its definitions are invalid. */
export async function differencesOf({ settled, question, ...world }: Reproduction): Promise<readonly Difference[]> {
  const stored = await storeWorld(world);
  try {
    if (settled) await stored.settle();
    const intake = takeIn(world.definitions.contracts, world.deliveries);
    const { differences } = await compareAnswers({ ...world, intake }, stored, question);
    return differences;
  } finally {
    await stored.close();
  }
}

/** A reproduction for people: as JSON where a program would read it, line by line where they do. */
export function describeReproduction(
  { seed, night, settled, definitions, deliveries, question }: Reproduction,
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
    `  ${JSON.stringify(inWords(question))}`,
    ...Object.entries(definitions.metrics).map(([key, metric]) => `${key}: ${JSON.stringify(metric)}`),
    `${events.length} events and repairs:`,
    ...events,
    ...differences
      .slice(0, MAX_SHOWN)
      .map(({ at, expected, answered }) => `at ${at}: expected ${expected}, answered ${answered}`),
  ].join('\n');
}

const MAX_SHOWN = 5;

function inWords(question: Question): object {
  if (question.kind !== 'series') return { ...question, from: iso(question.from), to: iso(question.to) };
  return { ...question.question, from: iso(question.question.from), to: iso(question.question.to) };
}

function iso(instant: number): string {
  return new Date(instant).toISOString();
}
