import { execFile } from 'node:child_process';
import { readFile } from 'node:fs/promises';
import { promisify } from 'node:util';
import { beforeAll, describe, expect, test } from 'vitest';
import { parse } from 'yaml';
import { mayHave, type ProcessName, redisAclTemplate, SECRETS } from '@paddock/processes';

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
    const { services: all }: { services: Record<string, Service> } = parse(await readFile(file, 'utf8'), {
      merge: true,
    });
    return all;
  };
  [services, servers] = await Promise.all([read('docker-compose.yml'), read('deploy/local-servers.yml')]);
});

test('every service that is not a server has its row', () => {
  expect(
    Object.keys(services)
      .filter((name) => !(name in servers))
      .sort(),
  ).toEqual(Object.keys(PROCESSES).sort());
});

describe.each(Object.entries(PROCESSES))('%s', (service, process) => {
  const variables = (): [string, string][] => Object.entries(services[service]?.environment ?? {});

  test('gets no variable that is not in its row', () => {
    expect(variables().flatMap(([name]) => (mayHave(process, name) ? [] : [name]))).toEqual([]);
  });

  test('gets, within the values, the passwords of no other process', () => {
    const values = variables()
      .map(([, value]) => String(value))
      .join(' ');
    const named = [...values.matchAll(/\$\{((?:DATABASE|REDIS|MARIADB)_PASSWORD\w*)/g)].map(([, name = '']) => name);
    const user = process === 'seed' || process === 'controlPlane' ? 'CONTROL_PLANE' : process.toUpperCase();
    const own = new RegExp(
      process === 'migrations' ? '^MARIADB_PASSWORD$|^DATABASE_PASSWORD_' : `^(?:DATABASE|REDIS)_PASSWORD_${user}$`,
    );
    expect(named.length).toBeGreaterThan(0);
    expect(named.filter((name) => !own.test(name))).toEqual([]);
  });
});

test('no password stands on a command line', () => {
  const commands = Object.entries({ ...services, ...servers }).map(
    ([name, { command }]) => [name, JSON.stringify(command ?? '')] as const,
  );
  const secrets = [...Object.keys(SECRETS), 'PASSWORD'].map((name) => name.replace('*', ''));
  expect(commands.filter(([, text]) => secrets.some((name) => text.includes(`\${${name}`)))).toEqual([]);
});

test('the users of Redis in containers are those of the table', async () => {
  expect(await readFile('deploy/redis/users.acl', 'utf8')).toBe(redisAclTemplate());
});

test('the container of Redis is given, and fills in, every name in its users', async () => {
  const names = [...new Set([...redisAclTemplate().matchAll(/\$\{(\w+)\}/g)].map(([, name = '']) => name))];
  expect(names.filter((name) => !(name in (servers['redis']?.environment ?? {})))).toEqual([]);
  const values = Object.fromEntries(names.map((name) => [name, `of-${name}`]));
  const { stdout } = await promisify(execFile)('sh', ['-c', FILL_IN], {
    env: { PATH: process.env['PATH'], ...values },
  });
  expect(stdout).toBe(redisAclTemplate().replaceAll(/\$\{(\w+)\}/g, 'of-$1'));
});

/** The script as it is, but for where the files lie; instead of starting Redis it shows what Redis would read. */
const FILL_IN = `
here=$(mktemp -d)
trap 'rm -r "$here"' EXIT
sed -e "s#/data/#$here/#g" -e 's#/etc/paddock#deploy/redis#' -e 's/^exec docker-entrypoint.sh/: /' deploy/redis/start.sh > "$here/start.sh"
sh "$here/start.sh" && cat "$here/users.acl"`;
