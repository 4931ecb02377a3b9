import { describe, expect, it } from 'vitest';
import { isHazardRun, testSeed } from '@paddock/testing';
import { compareAnswers } from '../testing/reference-model/compare-answers.js';
import type { Difference } from '../testing/reference-model/comparison.js';
import { drawWorld, type ReferenceWorld } from '../testing/reference-model/reference-world.js';
import { describeReproduction, differencesOf, type Reproduction } from '../testing/reference-model/reproduction.js';
import { shrink } from '../testing/reference-model/shrink.js';
import { storeWorld } from '../testing/reference-model/stored-world.js';

/** The minimum of compared figures. Every query of a world runs, so the actual number is higher. */
const FIGURES = isHazardRun() ? 1_000_000 : 100_000;
const FEWEST_WORLDS = 4;
const SIZE = { requests: 5, events: 400, queries: 36 };
const SHRINK_MS = 90_000;
/** A repetition of the hazards takes the next seed; worlds of two repetitions are not the same. */
const SEEDS_APART = 1_000;

/** The independent model of test/reference-model and the product, asked the same queries about the same events. */
describe('the reference model', () => {
  it(
    `gives the same ${FIGURES.toLocaleString('en')} figures, whatever the zone, the events and the metrics`,
    async () => {
      const total = { worlds: 0, queries: 0, compared: 0, informative: 0 };
      while (total.compared < FIGURES || total.worlds < FEWEST_WORLDS) {
        const world = drawWorld(testSeed() * SEEDS_APART + total.worlds, SIZE);
        const { compared, informative, failure } = await compareWorld(world);
        if (failure) throw new Error(await smallest(failure));
        total.compared += compared;
        total.informative += informative;
        total.worlds += 1;
        total.queries += world.queries.length;
      }
      const { worlds, queries, compared, informative } = total;
      process.stdout.write(
        `reference model: ${compared} figures compared (${informative} of them neither 0 nor null), ` +
          `of ${queries} queries in ${worlds} worlds\n`,
      );
    },
    isHazardRun() ? 7_200_000 : 900_000,
  );
});

/** A query whose answers differ, and how. */
interface Failure {
  readonly reproduction: Reproduction;
  readonly differences: readonly Difference[];
}

/** Asks the first half of a world's queries while windows are pending, the others when all are computed. */
async function compareWorld(
  world: ReferenceWorld,
): Promise<{ compared: number; informative: number; failure?: Failure }> {
  const stored = await storeWorld(world);
  const total = { compared: 0, informative: 0 };
  try {
    expect({ seed: world.seed, refusedAt: stored.refusedAt }).toEqual({
      seed: world.seed,
      refusedAt: world.intake.refusedAt,
    });
    const half = Math.ceil(world.queries.length / 2);
    for (const [index, query] of world.queries.entries()) {
      if (index === half) await stored.settle();
      const { compared, informative, differences } = await compareAnswers(world, stored, query);
      if (differences.length > 0)
        return { ...total, failure: { reproduction: { ...world, query, settled: index >= half }, differences } };
      total.compared += compared;
      total.informative += informative;
    }
    return total;
  } finally {
    await stored.close();
  }
}

/** A failure, with as little as shows it again. */
async function smallest({ reproduction, differences }: Failure): Promise<string> {
  const small = await shrink(reproduction, Date.now() + SHRINK_MS);
  const again = await differencesOf(small);
  if (again.length > 0) return describeReproduction(small, again);
  const found = describeReproduction({ ...reproduction, deliveries: [] }, differences);
  return `${found}\n(another store with the same events does not show it)`;
}
