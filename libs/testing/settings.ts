import { EnvReader } from '@paddock/runtime';

/** What OUTBOUND_ALLOWED_NETWORKS names where tests put third parties on this machine. */
export const LOOPBACK_NETWORKS = '127.0.0.0/8,::1/128';

/** The test runner's settings for tests: the servers and the run that they belong to. */
export function readTestSettings(
  variables: Readonly<Record<string, string | undefined>>,
  env = new EnvReader(variables),
) {
  return env.done({
    /** A server on which databases may be created. */
    databaseUrl: env.url('TEST_DATABASE_URL', ['mysql:', 'mariadb:']),
    redisUrl: env.url('TEST_REDIS_URL', ['redis:', 'rediss:']),
  });
}

/** The servers that `npm test` started; `TEST_DATABASE_URL` and `TEST_REDIS_URL` name others. */
export function testServers() {
  return readTestSettings(process.env);
}

/**
 * The seed of everything random in tests. `npm test` always uses the same one, so that it proves the same wherever it
 * runs; `npm run test:hazards` uses another one in each repetition.
 */
export function testSeed(): number {
  return readRun().seed;
}

/** Whether `npm run test:hazards` runs this: there, what is killed at random is killed more often, and for longer. */
export function isHazardRun(): boolean {
  return readRun().hazards;
}

/** The runner's settings of the fault matrix: which rows run, how often, from which seed, and where outcomes are written. */
export function matrixRun(env = new EnvReader(process.env)) {
  return env.done({
    /** Empty for all. */
    rows: env
      .text('TEST_MATRIX_ROWS', '')
      .split(',')
      .filter((name) => name !== ''),
    times: env.integer('TEST_MATRIX_TIMES', 1, { min: 1, max: 1_000 }),
    seed: env.integer('TEST_SEED', 1, { min: 0, max: 2 ** 31 - 1 }),
    results: env.text('TEST_MATRIX_RESULTS', '.paddock/matrix/results.jsonl'),
  });
}

function readRun(env = new EnvReader(process.env)) {
  return env.done({
    seed: env.integer('TEST_SEED', 1, { min: 0, max: 2 ** 31 - 1 }),
    hazards: env.integer('TEST_HAZARDS', 0, { min: 0, max: 1 }) === 1,
  });
}
