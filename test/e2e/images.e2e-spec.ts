import { execFile } from 'node:child_process';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import type { AppName } from '@paddock/processes';
import {
  createDatabase,
  startApp,
  startPrivateRedis,
  temporaryDirectory,
  type ThrowawayDatabase,
} from '@paddock/testing';

const run = promisify(execFile);
const MB = 1_000_000;

/** The images by their targets: what of the Dockerfile they hold, and how large they may be without the system and Node. */
const IMAGES = {
  'control-plane': { apps: ['control-plane'], most: 90 * MB },
  edge: { apps: ['edge'], most: 80 * MB },
  odds: { apps: ['odds'], most: 80 * MB },
  // The engine of analytics alone takes 570 MB.
  analytics: { apps: ['analytics'], most: 700 * MB },
  cli: { apps: ['cli', 'odds'], most: 90 * MB },
} as const;

describe('what an image holds is all that its app needs', () => {
  let database: ThrowawayDatabase;
  let redis: Awaited<ReturnType<typeof startPrivateRedis>>;
  let directory: Awaited<ReturnType<typeof temporaryDirectory>>;
  let env: Record<string, string>;
  const sizes = new Map<string, number>();
  const tree = (image: keyof typeof IMAGES): string => join(directory.path, image, 'dist');
  const command = (image: keyof typeof IMAGES, entry: string, args: string[] = []) =>
    run(process.execPath, [join(tree(image), entry), ...args], { env: { NODE_ENV: 'production', ...env } });

  beforeAll(async () => {
    [database, redis, directory] = await Promise.all([createDatabase(), startPrivateRedis(), temporaryDirectory()]);
    env = {
      DATABASE_URL: database.url.href,
      REDIS_URL: redis.server.url,
      EDGE_STATE_DIR: join(directory.path, 'state', 'edge'),
      ODDS_STATE_DIR: join(directory.path, 'state', 'odds'),
      ODDS_INSTANCE: 'odds-1',
      ANALYTICS_STORE_DIR: join(directory.path, 'state', 'store'),
      ANALYTICS_STATE_DIR: join(directory.path, 'state', 'analytics'),
      ANALYTICS_INSTANCE: 'analytics-1',
      SEED_OUTPUT: join(directory.path, 'sample.json'),
    };
    for (const [image, { apps }] of Object.entries(IMAGES)) {
      const args = apps.flatMap((app) => ['--app', app]);
      const { stdout } = await run(process.execPath, [
        'scripts/copy-runtime.mjs',
        '--link',
        join(directory.path, image),
        ...args,
      ]);
      sizes.set(image, Number(/([\d.]+) MB/.exec(stdout)?.[1]) * MB);
    }
    await command('cli', 'apps/odds/src/migrate.js');
    await command('cli', 'apps/cli/src/main.js', ['migrate']);
    await command('cli', 'apps/cli/src/main.js', ['seed']);
  });
  afterAll(async () => {
    await redis.dispose();
    await database.drop();
    await directory.remove();
  });

  test.each(Object.entries(IMAGES))('%s is no larger than it must be', (image, { most }) => {
    expect(sizes.get(image)).toBeGreaterThan(MB);
    expect(sizes.get(image)).toBeLessThanOrEqual(most);
  });

  test('every app starts from its own, the edge serving what the worker delivered', async () => {
    const started: Awaited<ReturnType<typeof startApp>>[] = [];
    try {
      const apps: [AppName, keyof typeof IMAGES][] = [
        ['controlPlane', 'control-plane'],
        ['worker', 'control-plane'],
        ['edge', 'edge'],
        ['odds', 'odds'],
        ['analytics', 'analytics'],
      ];
      for (const [app, image] of apps) started.push(await startApp(app, env, { dist: tree(image) }));
      const edge = started[2]?.app.url ?? '';
      const page = await fetch(`${edge}/v1/production/sites/acme-uk/layouts/home`);
      expect(page.status).toBe(200);
      const { slots } = (await page.json()) as { slots: unknown[] };
      expect(slots.length).toBeGreaterThan(0);
    } finally {
      await Promise.all(started.map((app) => app.dispose()));
    }
  });
});
