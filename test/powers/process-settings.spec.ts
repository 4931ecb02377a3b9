import { describe, expect, test } from 'vitest';
import { environmentOf, mayHave, type ProcessName, SECRETS, SETTINGS } from '@paddock/processes';
import { EnvReader } from '@paddock/runtime';
import { readSettings as analytics } from '../../apps/analytics/src/settings.js';
import { readSettings as controlPlane } from '../../apps/control-plane/src/settings.js';
import { readSettings as edge } from '../../apps/edge/src/settings.js';
import { readSettings as odds } from '../../apps/odds/src/settings.js';

const SERVERS = { DATABASE_URL: 'mysql://localhost', REDIS_URL: 'redis://localhost' };

/** The names that an app asks for when it starts. */
function namesReadBy(read: (variables: typeof SERVERS, env: EnvReader) => unknown): string[] {
  const env = new EnvReader(SERVERS);
  read(SERVERS, env);
  return [...env.variables.keys()].sort();
}

/** Control plane and worker share their settings; what either does without, the other has. */
const READERS: { app: string; processes: ProcessName[]; names: string[] }[] = [
  { app: 'control plane and worker', processes: ['controlPlane', 'worker'], names: namesReadBy(controlPlane) },
  { app: 'edge', processes: ['edge'], names: namesReadBy(edge) },
  { app: 'analytics', processes: ['analytics'], names: namesReadBy(analytics) },
  { app: 'odds', processes: ['odds'], names: namesReadBy(odds) },
];

describe.each(READERS)('$app', ({ processes, names }) => {
  test('gets every setting that it reads', () => {
    expect(names.filter((name) => !processes.some((process) => mayHave(process, name)))).toEqual([]);
  });

  test('gets no setting that it does not read', () => {
    const rows = Object.entries({ ...SECRETS, ...SETTINGS });
    const given = rows.flatMap(([name, row]) => (processes.some((process) => row.includes(process)) ? [name] : []));
    expect(given.filter((name) => !name.endsWith('*') && !names.includes(name))).toEqual([]);
  });
});

test('a secret that reaches a process which is not in its row is left out, and so is what nothing reads', () => {
  const secrets = {
    ADOPTION_KEY: 'a',
    ANALYTICS_TOKEN: 'b',
    EDGE_CLK_SECRET: 'c',
    ODDS_SECRET_BETFAIR: 'd',
    PROXY_SECRET_X_HOSTS: 'e',
  };
  const variables = { ...secrets, AWS_SECRET_ACCESS_KEY: 'f', PATH: '/bin', LC_ALL: 'C' };
  expect(environmentOf('edge', variables)).toEqual({ EDGE_CLK_SECRET: 'c', PATH: '/bin', LC_ALL: 'C' });
  expect(environmentOf('worker', variables)).toEqual({ ADOPTION_KEY: 'a', PATH: '/bin', LC_ALL: 'C' });
  expect(environmentOf('odds', variables)).toEqual({
    ODDS_SECRET_BETFAIR: 'd',
    PROXY_SECRET_X_HOSTS: 'e',
    PATH: '/bin',
    LC_ALL: 'C',
  });
});
