import { execFile } from 'node:child_process';
import { createHash } from 'node:crypto';
import { readFile, stat, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { parse } from 'yaml';
import { isDatabasePassword } from '@paddock/processes';
import { EnvReader } from '@paddock/runtime';
import { temporaryDirectory } from '@paddock/testing';
import { readSettings as analytics } from '../../apps/analytics/src/settings.js';
import { readSettings as controlPlane, readWorkerSettings as worker } from '../../apps/control-plane/src/settings.js';
import { readSettings as edge } from '../../apps/edge/src/settings.js';
import { readSettings as odds } from '../../apps/odds/src/settings.js';

const run = promisify(execFile);

type Variables = Readonly<Record<string, string>>;

/** The settings that each service reads at its start; throws where one is missing or invalid. */
const READERS: Readonly<Record<string, (variables: Variables) => unknown>> = {
  sample: controlPlane,
  'control-plane': controlPlane,
  worker,
  edge,
  odds,
  analytics,
};

let directory: Awaited<ReturnType<typeof temporaryDirectory>>;
let file: string;
beforeEach(async () => {
  directory = await temporaryDirectory();
  file = join(directory.path, 'env');
});
afterEach(() => directory.remove());

const makeSecrets = async (): Promise<string> =>
  (await run(process.execPath, ['scripts/compose-secrets.mjs', file])).stdout;

async function variablesOfFile(): Promise<Variables> {
  const lines = (await readFile(file, 'utf8')).split('\n').filter((line) => /^\w+=/.test(line));
  return Object.fromEntries(lines.map((line) => [line.slice(0, line.indexOf('=')), line.slice(line.indexOf('=') + 1)]));
}

/**
 * Fills in a Compose file as Compose does, in the forms that ours use: `${NAME}`, `${NAME:-default}`, `${NAME:?message}`.
 * @throws Error with the message of each required variable that is empty, all at once
 */
function render(text: string, variables: Variables): string {
  const missing: string[] = [];
  const filled = text.replaceAll(/\$\{(\w+)(?::([-?])([^}]*))?\}/g, (_, name: string, form?: string, rest = '') => {
    const value = variables[name] ?? '';
    if (value !== '' || form === undefined) return value;
    if (form === '?') missing.push(`${name} ${rest}`);
    return rest;
  });
  if (missing.length > 0) throw new Error([...new Set(missing)].join('\n'));
  return filled;
}

interface Compose {
  readonly services: Readonly<Record<string, { readonly environment?: Readonly<Record<string, unknown>> }>>;
}

async function compose(name: string, variables: Variables): Promise<Compose['services']> {
  // Merges and anchors first: what is filled in must not be read as YAML.
  const parsed: Compose = parse(await readFile(name, 'utf8'), { merge: true });
  const { services }: Compose = JSON.parse(render(JSON.stringify(parsed), variables));
  return services;
}

describe('npm run compose:secrets', () => {
  test('makes every variable that the Compose files require', async () => {
    await makeSecrets();
    const variables = await variablesOfFile();
    for (const name of ['docker-compose.yml', 'deploy/local-servers.yml'])
      expect(Object.keys(await compose(name, variables)).length).toBeGreaterThan(0);
  });

  test('without it Compose names what is missing and the command that makes it', async () => {
    await expect(compose('docker-compose.yml', {})).rejects.toThrow(
      'MARIADB_PASSWORD is missing, npm run compose:secrets makes it',
    );
  });

  test('each service starts with what it gets: no setting is missing or invalid', async () => {
    await makeSecrets();
    const services = await compose('docker-compose.yml', await variablesOfFile());
    for (const [service, read] of Object.entries(READERS)) {
      const environment = Object.entries(services[service]?.environment ?? {}).map(([name, value]) => [
        name,
        String(value),
      ]);
      expect(() => read(Object.fromEntries(environment))).not.toThrow();
    }
    const setup = services['setup']?.environment ?? {};
    const passwords = Object.entries(setup).filter(([name]) => name.startsWith('DATABASE_PASSWORD_'));
    expect(passwords).toHaveLength(4);
    expect(passwords.filter(([, password]) => !isDatabasePassword(String(password)))).toEqual([]);
  });

  test('production mode and closed numbers are the default, and .env opens both', async () => {
    await makeSecrets();
    const variables = await variablesOfFile();
    const settings = async (more: Variables) => {
      const services = await compose('docker-compose.yml', { ...variables, ...more });
      const environment = (name: string): Variables =>
        Object.fromEntries(
          Object.entries(services[name]?.environment ?? {}).map(([key, value]) => [key, String(value)]),
        );
      return {
        production: controlPlane(environment('control-plane')).production,
        open: new EnvReader(environment('analytics')).flag('ANALYTICS_OPEN_READS', false),
      };
    };
    expect(await settings({})).toEqual({ production: true, open: false });
    expect(await settings({ NODE_ENV: 'development', ANALYTICS_OPEN_READS: 'true' })).toEqual({
      production: false,
      open: true,
    });
  });

  test('shows the key of analytics whose hash it writes, once', async () => {
    const key = /shown once: ([0-9a-f]{64})/.exec(await makeSecrets())?.[1] ?? '';
    const hash = createHash('sha256').update(key).digest('hex');
    expect((await variablesOfFile())['ANALYTICS_OPERATORS']).toBe(`compose=${hash}`);
    expect(await makeSecrets()).not.toContain('shown once');
  });

  test('keeps what is in the file, and closes it to other users', async () => {
    await writeFile(file, 'MARIADB_PASSWORD=kept-from-before\nMY_OWN=1\n', { mode: 0o644 });
    await makeSecrets();
    const variables = await variablesOfFile();
    expect(variables).toMatchObject({ MARIADB_PASSWORD: 'kept-from-before', MY_OWN: '1' });
    expect((await stat(file)).mode & 0o077).toBe(0);
    await makeSecrets();
    expect(await variablesOfFile()).toEqual(variables);
  });
});
