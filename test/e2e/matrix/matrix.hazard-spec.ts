import { appendFile, mkdir, writeFile } from 'node:fs/promises';
import { dirname } from 'node:path';
import { afterAll, describe, expect, test } from 'vitest';
import { matrixRun, seededRandom } from '@paddock/testing';
import { BREAKABLE, type HazardRow } from './hazard-row.js';
import { ROWS } from './rows/index.js';
import { type Outcome, runRepetition, runSeparately, withCauses } from './run-repetition.js';
import { Sites } from './sites.js';

const REPETITION_MS = 900_000;

describe('the fault matrix', () => {
  const { rows: names, times, seed, results } = matrixRun();
  const sites = new Sites();
  afterAll(() => sites.discard(), REPETITION_MS);

  const chosen = names.length === 0 ? ROWS : ROWS.filter(({ name }) => names.includes(name));
  test('has every row that was asked for', () => {
    expect(names.filter((name) => !ROWS.some((row) => row.name === name))).toEqual([]);
    expect(chosen.length).toBeGreaterThan(0);
  });

  for (const row of chosen) {
    const seeds = Array.from({ length: times }, (_, repetition) => seed + repetition);
    test.each(seeds)(
      `${row.name}, seed %d`,
      async (one) => {
        const { problems, ...outcome } = await run(row, one);
        await record({ ...outcome, problems });
        expect(problems.join('\n')).toBe('');
      },
      REPETITION_MS,
    );
  }

  async function run(row: HazardRow, one: number): Promise<Outcome> {
    const random = seededRandom(one);
    if ('run' in row) return runSeparately(row.name, row.run, random);
    const begun = performance.now();
    const [started] = await Promise.allSettled([sites.get(row.needs ?? BREAKABLE)]);
    if (started.status === 'rejected') {
      await sites.discard();
      const wallMs = Math.round(performance.now() - begun);
      return {
        row: row.name,
        seed: one,
        wallMs,
        problems: [`the installation did not start: ${withCauses(started.reason)}`],
      };
    }
    const { value: site } = started;
    const { history, ...outcome } = await runRepetition(row, site, random);
    if (row.usedUp || outcome.problems.length > 0) await sites.discard();
    if (outcome.problems.length === 0) return outcome;
    const file = `${results}.${row.name}-${one}.history.jsonl`;
    const entries = [...history.edgeEvents, ...history.attempts, ...history.reads];
    await writeFile(file, entries.map((entry) => `${JSON.stringify(entry)}\n`).join(''));
    return { ...outcome, problems: [...outcome.problems, `the whole history: ${file}`] };
  }

  async function record(outcome: Outcome): Promise<void> {
    await mkdir(dirname(results), { recursive: true });
    await appendFile(results, `${JSON.stringify(outcome)}\n`);
  }
});
