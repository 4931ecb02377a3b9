import { EnvReader } from '@paddock/runtime';

/** What OUTBOUND_ALLOWED_NETWORKS names where tests put third parties on this machine. */
export const LOOPBACK_NETWORKS = '127.0.0.0/8,::1/128';

/** What the test runner tells tests about the servers and the run they belong to. */
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
 * What everything drawn at random in tests is drawn from. `npm test` always draws the same, so that it proves the same
 * wherever it runs; `npm run test:hazards` draws anew in each repetition.
 */
export function testSeed(): number {
  return readRun().seed;
}

/** Whether `npm run test:hazards` runs this: there, what is killed at random is killed more often, and for longer. */
export function isHazardRun(): boolean {
  return readRun().hazards;
}

/** Which rows of the fault matrix run, how often, from which seed on, and where outcomes are written: what the runner was told. */
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
