import { readFile } from 'node:fs/promises';
import { beforeAll, describe, expect, test } from '@jest/globals';
import { parse } from 'yaml';
import { mayHave, type ProcessName, redisAclTemplate, SECRETS } from '#processes';

interface Service {
  readonly command?: string | readonly string[];
  readonly environment?: Readonly<Record<string, string>>;
}

/** Which process of the table each service of docker-compose.yml runs. */
const PROCESSES: Readonly<Record<string, ProcessName>> = {
  setup: 'migrations',
  sample: 'seed',
  cli: 'cli',
  'control-plane': 'controlPlane',
  worker: 'worker',
  edge: 'edge',
  odds: 'odds',
  analytics: 'analytics',
};

let services: Readonly<Record<string, Service>>;
let servers: Readonly<Record<string, Service>>;
beforeAll(async () => {
  const read = async (file: string): Promise<Record<string, Service>> => {
    const { services: all }: { services: Record<string, Service> } = parse(await readFile(file, 'utf8'), { merge: true });
    return all;
  };
  [services, servers] = await Promise.all([read('docker-compose.yml'), read('deploy/local-servers.yml')]);
});

test('every service that is not a server has its row', () => {
  expect(Object.keys(services).filter((name) => !(name in servers)).sort()).toEqual(Object.keys(PROCESSES).sort());
});

describe.each(Object.entries(PROCESSES))('%s', (service, process) => {
  const variables = (): [string, string][] => Object.entries(services[service]?.environment ?? {});

  test('gets no variable that is not in its row', () => {
    expect(variables().flatMap(([name]) => (mayHave(process, name) ? [] : [name]))).toEqual([]);
  });

  test('gets, within the values, the passwords of no other process', () => {
    const named = variables().flatMap(([, value]) => [...String(value).matchAll(/\$\{((?:DATABASE|REDIS|MARIADB)_PASSWORD\w*)/g)].map(([, name]) => name));
    const suffix = { seed: 'CONTROL_PLANE', controlPlane: 'CONTROL_PLANE' }[String(process)] ?? process.toUpperCase();
    const own = process === 'migrations' ? /^MARIADB_PASSWORD$|^DATABASE_PASSWORD_/ : new RegExp(`^(?:DATABASE|REDIS)_PASSWORD_${suffix}$`);
    expect(named.filter((name) => !own.test(name ?? ''))).toEqual([]);
  });
});

test('no password stands on a command line', () => {
  const commands = Object.entries({ ...services, ...servers }).map(([name, { command }]) => [name, JSON.stringify(command ?? '')] as const);
  const secrets = [...Object.keys(SECRETS), 'PASSWORD'].map((name) => name.replace('*', ''));
  expect(commands.filter(([, text]) => secrets.some((name) => text.includes(`\${${name}`)))).toEqual([]);
});

test('the users of Redis in containers are those of the table', async () => {
  expect(await readFile('deploy/redis/users.acl', 'utf8')).toBe(redisAclTemplate());
});

test('the container of Redis is given, and fills in, every name in its users', async () => {
  const names = [...new Set([...redisAclTemplate().matchAll(/\$\{(\w+)\}/g)].map(([, name = '']) => name))];
  const script = await readFile('deploy/redis/start.sh', 'utf8');
  expect(names.filter((name) => !(name in (servers['redis']?.environment ?? {})))).toEqual([]);
  expect(names.filter((name) => !new RegExp(`names='.*\\b${name}\\b.*'`).test(script))).toEqual([]);
});
