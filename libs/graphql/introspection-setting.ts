import type { EnvReader } from '@paddock/runtime';

/**
 * Reads `GRAPHQL_INTROSPECTION`: may clients read the schema? Without it they may, unless `NODE_ENV` is `production`.
 * @param variables those that `env` reads
 */
export function readIntrospection(env: EnvReader, variables: Readonly<Record<string, string | undefined>>): boolean {
  const given = env.optionalLike('GRAPHQL_INTROSPECTION', (text) => text === 'on' || text === 'off', 'on or off');
  return given === undefined ? variables['NODE_ENV'] !== 'production' : given === 'on';
}
