import { EnvReader } from '#runtime';

/** What the test runner tells tests about the servers and the run they belong to. */
export function readTestSettings(variables: Readonly<Record<string, string | undefined>>, env = new EnvReader(variables)) {
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

/** Chosen by `npm run test:hazards` for each repetition; undefined in an ordinary run. */
export function hazardSeed(): number | undefined {
  const env = new EnvReader(process.env);
  const seed = env.integer('HAZARD_SEED', -1, { min: -1, max: 2 ** 32 - 1 });
  env.done({});
  return seed < 0 ? undefined : seed;
}
