import { randomInt } from 'node:crypto';
import { parseArgs } from 'node:util';
import { ensureInstalled } from '../setup/packages.mjs';
import { say } from '../setup/progress.mjs';
import { inProject } from '../setup/project.mjs';
import { runSuites, slowest, sum } from './suites.mjs';
import { readOutcomes, summary } from './matrix-summary.mjs';
import { withSecondLook } from './second-look.mjs';

/** @typedef {{ node: string, env: Record<string, string>, args: string[] }} Run */

/**
 * Arguments are passed to Vitest unchanged. Without arguments, everything runs; tests of whole systems run last, each
 * with its own servers. There are more workers than two cores, because workers mostly wait. Random draws are the same
 * in every run, unless `TEST_SEED` is set.
 */
export async function runAll(/** @type {Run} */ { node, env, args }) {
  if (args.length > 0) return runSuites({ node, env, args });
  const small = await withSecondLook({
    node,
    env,
    args: ['--project=unit:*', '--project=integration:*', '--maxWorkers=3'],
  });
  const large = await withSecondLook({
    node,
    env,
    args: ['--project=e2e:*', '--project=security:*', '--maxWorkers=3'],
  });
  say(['the slowest suites:', ...slowest([...small.timings, ...large.timings])].join('\n'));
  return sum([small, large]);
}

/**
 * Runs the fault matrix, or the rows named, in one process, so that repetitions share their installations; then prints
 * what each row did and keeps every outcome in a file.
 */
async function runMatrix(
  /** @type {{ node: string, env: Record<string, string>, rows: string[], times: string, first: number }} */ {
    node,
    env,
    rows,
    times,
    first,
  },
) {
  // Without it the rows that need it fail, and say so.
  await ensureInstalled(['faketime']);
  const results = inProject('.paddock', 'matrix', `${new Date().toISOString().replaceAll(':', '-')}.jsonl`);
  say(`the fault matrix, ${times} times, seeds from ${first} on; outcomes: ${results}`);
  const matrix = { TEST_MATRIX_ROWS: rows.join(), TEST_MATRIX_TIMES: times, TEST_MATRIX_RESULTS: results };
  const args = ['--project=hazards:*', '--maxWorkers=1', '--reporter=verbose'];
  const result = await runSuites({
    node,
    env: { ...env, ...matrix, TEST_HAZARDS: '1', TEST_SEED: String(first) },
    args,
  });
  console.log(summary(await readOutcomes(results)));
  if (result.failed > 0)
    say(`again: npm run test:hazards -- ${['matrix', ...rows].join(' ')} --times ${times} --seed ${first}`);
  return result;
}

/**
 * Runs the hazard suites, or those named, `--times` times, each with its own seed, which decides all random draws and
 * where and when processes are killed; the first is `--seed`. The same seed with `--times 1` reproduces a failure.
 */
export async function runHazards(/** @type {Run} */ { node, env, args }) {
  const { values, positionals } = parseArgs({
    args,
    options: { times: { type: 'string', default: '1' }, seed: { type: 'string' } },
    allowPositionals: true,
  });
  const first = values.seed === undefined ? randomInt(2 ** 30) : Number(values.seed);
  if (positionals[0] === 'matrix')
    return runMatrix({ node, env, rows: positionals.slice(1), times: values.times, first });
  const counts = [];
  for (let round = 0; round < Number(values.times); round += 1) {
    const seed = first + round;
    say(`hazards, round ${round + 1} of ${values.times}, seed ${seed}`);
    const paths = positionals.length > 0 ? positionals : ['test/e2e/hazards'];
    const result = await runSuites({
      node,
      env: { ...env, TEST_HAZARDS: '1', TEST_SEED: String(seed) },
      args: ['--project=hazards:*', '--maxWorkers=1', ...paths],
    });
    if (result.failed > 0)
      say(
        `failed with seed ${seed}; again: npm run test:hazards -- --times 1 --seed ${[seed, ...positionals].join(' ')}`,
      );
    counts.push(result);
  }
  return sum(counts);
}
